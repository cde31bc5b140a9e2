// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server's BMC: its address, its identity, and the actions on it.

#include "contract/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

using contract::Firmware;
enum class BmcKind { ipmi, redfish };

struct BmcEndpoint {
  std::string address;       ///< IP address or host name
  std::uint16_t port = 623;  ///< IPMI: UDP, RMCP+; Redfish: TCP, https
  std::string user;
  unsigned cipher_suite = 3;    ///< of IPMI 2.0; 3 is mandatory for BMCs, 17 is a better one
  std::string sealed_password;  ///< see KeyFile
  BmcKind kind = BmcKind::ipmi;
  /// Redfish: SHA-256 of the only trusted certificate, 64 lower-case hex digits. Empty: trusts the CAs in `ca`.
  std::string fingerprint{};
  std::string ca{};  ///< Redfish: certificates of CAs, in PEM; empty: the system's
  /// Redfish, with `fingerprint`: accepts TLS before 1.2 and weak keys. Comes from the configuration, is not stored.
  bool legacy_tls = false;
  std::string system{};  ///< Redfish: the Id of the computer system, if there are several
};

constexpr std::uint16_t ipmi_port = 623;
constexpr std::uint16_t https_port = 443;

/// The URL of a Redfish service: "https://192.0.2.20", "https://[2001:db8::20]:8443".
[[nodiscard]] std::string url_of(const BmcEndpoint& endpoint);
/// Puts address and port into `endpoint`. Throws `usage` for anything but https, a host, and an optional port.
void set_url(BmcEndpoint& endpoint, const std::string& url);
/// Returns 64 lower-case hex digits, also for the upper case and colons of openssl and browsers. Throws `usage`.
[[nodiscard]] std::string canonical_fingerprint(const std::string& text);
/// Returns openssl's spelling: "AB:CD:...".
[[nodiscard]] std::string shown_fingerprint(const std::string& canonical);

enum class PowerState { off, on };
enum class PowerAction {
  on,
  off,       ///< at once, as by pulling the plug
  cycle,     ///< off, seen to be off, on again; only on when it is off
  reset,     ///< without losing power
  shutdown,  ///< requests the operating system to shut down
  restart    ///< shutdown, seen to be off, on again
};
enum class BootDevice { none, network, disk };

/// A boot device that the BMC sets, in place of the firmware's own boot order.
struct BootOverride {
  BootDevice device = BootDevice::none;
  bool lasting = false;  ///< for every boot from now on; else for the next one, however long that takes
  /// The boot mode as read from the BMC, where it can be chosen. Neither requested nor compared here.
  std::optional<Firmware> mode{};

  bool operator==(const BootOverride& other) const { return device == other.device && lasting == other.lasting; }
};

/// True if a BMC that shows `seen` will boot as `wanted`: device, duration and firmware. For the next boot only is
/// enough where a lasting device was wanted, since some BMCs have no lasting ones; the reverse is not. The disk for
/// every boot equals none: some BMCs can't clear it.
[[nodiscard]] bool is_set(const BootOverride& wanted, Firmware firmware, const BootOverride& seen) noexcept;

/// Stable names: "ipmi", "redfish"; "on", "off"; "on", "off", "cycle", "reset", "shutdown", "restart"; "none", "pxe",
/// "disk".
constexpr auto words_of(BmcKind) { return words<BmcKind>("ipmi", "redfish"); }
constexpr auto words_of(PowerState) { return words<PowerState>("off", "on"); }
constexpr auto words_of(PowerAction) {
  return words<PowerAction>("on", "off", "cycle", "reset", "shutdown", "restart");
}
constexpr auto words_of(BootDevice) { return words<BootDevice>("none", "pxe", "disk"); }
using rescue::name_of;

}  // namespace rescue::netboot
