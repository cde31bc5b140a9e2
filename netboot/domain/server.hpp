// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server, as netbootd knows it.

#include "contract/session.hpp"
#include "core/clock.hpp"
#include "netboot/domain/bmc.hpp"
#include "netboot/domain/mac_address.hpp"
#include "netboot/domain/server_name.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

using contract::Firmware;
using rescue::name_of;

struct Server {
  ServerName name;
  std::vector<MacAddress> macs;  ///< at least one; people use the first as the server's
  Firmware firmware = Firmware::uefi;
  std::string address;  ///< numeric IPv4 or IPv6; empty: unknown
  std::string loader;   ///< path on the EFI system partition, "\EFI\..."; empty: the firmware's choice
  WallTime created{};
  std::optional<BmcEndpoint> bmc{};
  std::string uuid{};               ///< of SMBIOS, canonical; empty: unknown
  std::string serial{};             ///< of SMBIOS; empty: unknown
  std::vector<std::string> tags{};  ///< sorted, each once
  std::string notes{};              ///< for people
  long long version = 1;            ///< incremented by each edit
};

/// Canonical text of a numeric IPv4 or IPv6 address. Throws `usage`.
[[nodiscard]] std::string canonical_address(const std::string& text);

/// The address of a BMC: numeric, or the name of a host (canonical_host_name). Throws `usage`.
[[nodiscard]] std::string canonical_host(const std::string& text);

/// An SMBIOS system UUID in lower case, from text with or without hyphens and braces. Throws `usage`, also for
/// placeholders of makers.
[[nodiscard]] std::string canonical_uuid(const std::string& text);

/// An SMBIOS serial number: printable ASCII, 64 characters at most, without spaces around it. Throws `usage`, also for
/// placeholders of firmware.
[[nodiscard]] std::string canonical_serial(const std::string& text);

/// A tag: lower-case letters, digits, '.', '_' and '-', 40 characters at most. Throws `usage`.
[[nodiscard]] std::string canonical_tag(const std::string& text);

/// The path of an EFI loader with backslashes. Throws `usage`, also for anything that is syntax in a boot script, which
/// contains the path.
[[nodiscard]] std::string canonical_loader(std::string text);

}  // namespace rescue::netboot
