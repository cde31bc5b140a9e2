// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Decides whether a firmware's boot entry boots the network: by its device path, or by its name if the path is a
// vendor's own.

#include <cstdint>
#include <span>
#include <string>

namespace rescue::boot {

struct EfiBootEntry {
  std::string description;
  bool network = false;
};

/// Parses an EFI_LOAD_OPTION (UEFI 2.10, 3.1.3: attributes, length of the path, description, path, optional data). It
/// boots the network if it has
/// - a path with a MAC, IPv4, IPv6, URI, DNS or Wi-Fi node, or a BBS node of the type network;
/// - a path that names neither medium nor file, such as a vendor's own node, and a name like "Network" or "PXE";
/// - no path and the data "RC": firmware of HP writes its network entry like this.
/// Invalid bytes give an entry without a name that does not boot the network. Throws only std::bad_alloc.
[[nodiscard]] EfiBootEntry parse_load_option(std::span<const std::uint8_t> bytes);

}  // namespace rescue::boot
