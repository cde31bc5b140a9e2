// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads Windows' times.

#include "core/clock.hpp"

#include <cstdint>
#include <optional>

namespace rescue::windows_disk {

/// From 100 ns since 1601 ([MS-DTYP] 2.3.3). None for times before 1970 and after 2199, which no clock has set.
[[nodiscard]] inline std::optional<WallTime> time_of(std::uint64_t filetime) {
  constexpr std::uint64_t from_1601_to_1970 = 11'644'473'600ULL * 10'000'000;
  constexpr std::uint64_t to_2199 = from_1601_to_1970 + 7'226'582'400ULL * 10'000'000;
  if (filetime < from_1601_to_1970 || filetime > to_2199) return std::nullopt;
  return WallTime(std::chrono::microseconds((filetime - from_1601_to_1970) / 10));
}

}  // namespace rescue::windows_disk
