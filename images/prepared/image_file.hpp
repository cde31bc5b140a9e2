// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Recognizes a prepared image that an operator brings: VHD, VHDX or qcow2, whole, in one file, not encrypted.

#include <cstdint>
#include <string>

namespace rescue::prepared {

struct SourceImage {
  std::string path;
  std::string format;  ///< as QEMU names it: "vpc" is VHD
  std::uint64_t virtual_size = 0;
};

/// Reads header and footer, and runs qemu-img. Throws `precondition` with a hint if there is no such file, it is
/// another format, is cut off, has a backing file or a data file elsewhere, or is encrypted.
[[nodiscard]] SourceImage examine_image(const std::string& path);

}  // namespace rescue::prepared
