// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes the files and commands with which a customer or a helpdesk connects to a rescued server. None holds a password.

#include "core/net/ip_address.hpp"
#include "credentials/host_key.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::credentials {

struct ConnectionAddress {
  net::IpAddress address;
  std::uint16_t viewer_port = 0;  ///< port that takes the ticket; 0: none
};

/// Data of one session, from a provider's database and from a probe of the guest.
struct ConnectionDetails {
  std::string server;                        ///< display name, any bytes: files show it as printable text
  std::vector<ConnectionAddress> addresses;  ///< the preferred one first
  std::uint16_t rdp_port = 3389;
  std::uint16_t ssh_port = 22;
  std::string user;
  std::vector<HostKey> host_keys;
  std::string rdp_certificate;     ///< SHA-256 of the certificate, "ab:cd:..."; empty: unknown
  std::string session;             ///< may be empty
  std::string ticket;              ///< for a helpdesk's viewer; empty: none
  std::string viewer_certificate;  ///< SHA-256 of the certificate behind the viewer ports; empty: unknown
};

/// Throws `usage` if the data can't be written into every file without changing its meaning: no address, a port 0, a
/// user, session or ticket that is not printable on one line or is longer than 256 bytes, a malformed fingerprint, a
/// host key whose blob is of another type or has another fingerprint. The functions below call it.
void check(const ConnectionDetails& details);

/// File for RDP clients (.rdp), for one of the addresses. ASCII with CRLF where that suffices, since every client reads
/// it, else UTF-16LE with a byte order mark as mstsc writes it: mstsc reads other bytes in the code page of its system.
///
/// The clipboard is shared; drives, printers, ports, smart cards, USB, cameras, location and audio are not. The client
/// asks for the password, sends it by CredSSP, and warns of a certificate that it does not trust.
/// The format cannot pin the certificate of a server: `signature` and `signscope` sign the file and name its publisher.
/// `fingerprint_text` has the fingerprint for the warning, and `freerdp_arguments` a real pin.
/// FreeRDP 2.11 does not resolve the brackets of an IPv6 address in a .rdp file; its arguments do not have this fault.
[[nodiscard]] std::string rdp_file(const ConnectionDetails& details, const net::IpAddress& address);

/// Arguments of FreeRDP 2.11 or 3 (xfreerdp, xfreerdp3), without its name. With a known certificate any other is
/// denied.
[[nodiscard]] std::vector<std::string> freerdp_arguments(const ConnectionDetails& details,
                                                         const net::IpAddress& address);

/// Lines for an OpenSSH known_hosts file: one for each host key that has a blob, with all addresses, "[host]:port" for
/// other ports than 22. Empty without any blob.
[[nodiscard]] std::string known_hosts(const ConnectionDetails& details);

/// Argument vector of OpenSSH's client, from "ssh" on. With a file of `known_hosts`, ssh connects to these keys only,
/// and ignores the key that the server has when it is not rescued; with an empty name it asks. Throws `usage` for a
/// name of a file that ssh would change: with control characters, quotes, a backslash or "${".
[[nodiscard]] std::vector<std::string> ssh_arguments(const ConnectionDetails& details, const net::IpAddress& address,
                                                     const std::string& known_hosts_file = {});

/// One line that a POSIX shell splits into exactly these arguments. Words without special characters are not quoted,
/// which keeps usual commands valid in PowerShell and cmd.exe, too. Throws `usage` for a zero byte.
[[nodiscard]] std::string shell_command(const std::vector<std::string>& arguments);

/// Text for people: the server, its addresses and the fingerprints, and how to compare these. Lines end with LF.
[[nodiscard]] std::string fingerprint_text(const ConnectionDetails& details);

/// All of the data, and the commands:
/// {"server", "session", "ticket", "user", "addresses": [{"address", "viewer_port", "ssh": [...], "freerdp": [...]}],
///  "rdp_port", "rdp_certificate", "ssh_port", "ssh_host_keys": [{"type", "blob", "fingerprint"}], "known_hosts"}.
/// "ssh" and "freerdp" are argument vectors.
[[nodiscard]] nlohmann::json connection_json(const ConnectionDetails& details);

/// Invitation in the form of DaRT's inv32.xml, which is "Connection String 2" of MS-RAI: the ticket, and each address
/// that has a viewer port. KH2 is the base64 of the SHA-256 of the viewer's certificate, if known; there is no KH,
/// which would be a SHA-1. One line without a declaration. Throws `usage` without a ticket, or without a viewer port.
[[nodiscard]] std::string invitation_xml(const ConnectionDetails& details);

}  // namespace rescue::credentials
