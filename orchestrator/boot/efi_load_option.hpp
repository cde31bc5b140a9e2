// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Says of a firmware's boot entry whether it leads into the network: by its device path, or by its name where the
// vendor keeps the path to itself.

#include <cstdint>
#include <span>
#include <string>

namespace rescue::boot {

struct EfiBootEntry {
  std::string description;
  bool network = false;
};

/// An EFI_LOAD_OPTION (UEFI 2.10, 3.1.3: attributes, length of the path, description, path, optional data). Into the
/// network leads
/// - a path with a MAC, IPv4, IPv6, URI, DNS or Wi-Fi node, or a BBS node of the type network;
/// - a path that names neither medium nor file, such as a vendor's own node, under a name like "Network" or "PXE";
/// - no path at all and the data "RC": so firmware of HP writes its entry for the network.
/// Bytes that are no load option give an entry without a name that leads nowhere. Never throws but for memory.
[[nodiscard]] EfiBootEntry parse_load_option(std::span<const std::uint8_t> bytes);

}  // namespace rescue::boot
