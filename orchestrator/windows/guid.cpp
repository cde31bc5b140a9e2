// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/guid.hpp"

#include "core/disk/little_endian.hpp"

#include <fmt/format.h>

namespace rescue::windows_disk {

std::string guid_of(std::string_view bytes, std::size_t at) {
  std::string tail;
  for (std::size_t i = 8; i < 16; ++i) {
    if (i == 10) tail += '-';
    tail += fmt::format("{:02x}", static_cast<unsigned char>(bytes[at + i]));
  }
  return fmt::format("{:08x}-{:04x}-{:04x}-{}", disk::number_at<std::uint32_t>(bytes, at),
                     disk::number_at<std::uint16_t>(bytes, at + 4), disk::number_at<std::uint16_t>(bytes, at + 6),
                     tail);
}

}  // namespace rescue::windows_disk
