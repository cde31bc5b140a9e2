// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server's BMC: where it is, and what it can be asked to do.

#include <cstdint>
#include <string>
#include <string_view>

namespace rescue::netboot {

struct BmcEndpoint {
  std::string address;       ///< IP address or host name
  std::uint16_t port = 623;  ///< UDP, RMCP+
  std::string user;
  unsigned cipher_suite = 3;    ///< of IPMI 2.0; 3 is the one that each BMC must have, 17 a better one
  std::string sealed_password;  ///< see KeyFile
};

enum class PowerState { off, on };
enum class PowerAction {
  on,
  off,
  cycle,  ///< off, seen to be off, on again; only on when it is off
  reset   ///< without losing power
};
enum class BootDevice { none, network, disk };

/// Stable names: "on", "off"; "on", "off", "cycle", "reset"; "none", "pxe", "disk".
[[nodiscard]] std::string_view name_of(PowerState state) noexcept;
[[nodiscard]] std::string_view name_of(PowerAction action) noexcept;
[[nodiscard]] std::string_view name_of(BootDevice device) noexcept;

}  // namespace rescue::netboot
