// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the content of a file lies on its disk.

#include <cstdint>

namespace rescue::disk {

/// A part of a file that is in one piece on the disk. Both numbers are bytes; `start` counts from the disk's begin.
struct Extent {
  std::uint64_t start = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

}  // namespace rescue::disk
