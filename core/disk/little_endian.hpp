// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers in what Windows and firmware write to disks: little endian, as this machine is.

#include <cstddef>
#include <cstring>
#include <string_view>

namespace rescue::disk {

/// The number at `offset`, which with its size must be inside of `bytes`.
template <class Number>
[[nodiscard]] Number number_at(std::string_view bytes, std::size_t offset) {
  Number number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

/// Without its size a pointer says nothing about what may be read.
template <class Number>
Number number_at(const char* bytes, std::size_t offset) = delete;

}  // namespace rescue::disk
