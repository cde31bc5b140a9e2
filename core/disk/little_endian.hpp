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

/// As `number_at`, for what is big endian: the database of Windows' dynamic disks, DDF.
template <class Number>
[[nodiscard]] Number big_endian_at(std::string_view bytes, std::size_t offset) {
  Number number{};
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = static_cast<Number>(number << 8U | static_cast<unsigned char>(bytes[offset + i]));
  }
  return number;
}

/// Without its size a pointer says nothing about what may be read.
template <class Number>
Number number_at(const char* bytes, std::size_t offset) = delete;

}  // namespace rescue::disk
