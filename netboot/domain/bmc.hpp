// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server's BMC: where it is, how it is known to be the right one, and what it can be asked to do.

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
  unsigned cipher_suite = 3;    ///< of IPMI 2.0; 3 is the one that each BMC must have, 17 a better one
  std::string sealed_password;  ///< see KeyFile
  BmcKind kind = BmcKind::ipmi;
  /// Redfish: SHA-256 of the one certificate that is trusted, 64 lower-case hex digits. Without: what `ca` vouches for.
  std::string fingerprint{};
  std::string ca{};  ///< Redfish: certificates of CAs, in PEM; empty: the system's
  /// Redfish, with `fingerprint`: a TLS of before 1.2 and a weak key are taken. Of the configuration, and not kept.
  bool legacy_tls = false;
  std::string system{};  ///< Redfish: the Id of the computer system, where there is more than one
};

constexpr std::uint16_t ipmi_port = 623;
constexpr std::uint16_t https_port = 443;

/// "https://192.0.2.20", "https://[2001:db8::20]:8443": of a Redfish service.
[[nodiscard]] std::string url_of(const BmcEndpoint& endpoint);
/// Puts address and port into `endpoint`. Throws `usage` for anything but https, a host, and perhaps a port.
void set_url(BmcEndpoint& endpoint, const std::string& url);
/// 64 lower-case hex digits out of what openssl and browsers show: upper case, with colons. Throws `usage`.
[[nodiscard]] std::string canonical_fingerprint(const std::string& text);
/// In the spelling of openssl: "AB:CD:...".
[[nodiscard]] std::string shown_fingerprint(const std::string& canonical);

enum class PowerState { off, on };
enum class PowerAction {
  on,
  off,       ///< at once, as by pulling the plug
  cycle,     ///< off, seen to be off, on again; only on when it is off
  reset,     ///< without losing power
  shutdown,  ///< the operating system is asked to end
  restart    ///< shutdown, seen to be off, on again
};
enum class BootDevice { none, network, disk };

/// What the BMC makes the firmware boot, instead of what its own order says.
struct BootOverride {
  BootDevice device = BootDevice::none;
  bool lasting = false;  ///< for every boot from now on; else for the next one, however long that takes
  /// How it is booted: read from a BMC that tells and lets it be chosen. Not asked for here, and not compared.
  std::optional<Firmware> mode{};

  bool operator==(const BootOverride& other) const { return device == other.device && lasting == other.lasting; }
};

/// Whether a BMC that shows `seen` will boot as `wanted`: device, how often and how. For the next boot only where a
/// lasting one was wanted is enough, since some BMCs know no lasting one; the other way round is not. The disk for
/// every boot is as good as none: some BMCs can't be told to forget.
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
