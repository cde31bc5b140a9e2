// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/rdp/x224.hpp"

#include <fmt/format.h>

namespace rescue::rdp {
namespace {

constexpr std::size_t tpkt_header = 4;
constexpr std::size_t confirm_header = 7;  // length indicator, code, two references, class
constexpr std::size_t negotiation_size = 8;

Negotiation refused(std::string problem) { return {std::nullopt, std::move(problem)}; }

/// Failure codes of MS-RDPBCGR 2.2.1.2.2.
std::string failure_meaning(std::uint32_t code) {
  switch (code) {
  case 1:
    return "the server requires TLS, which we offered (SSL_REQUIRED_BY_SERVER)";
  case 2:
    return "the server allows neither TLS nor NLA, only RDP's own encryption (SSL_NOT_ALLOWED_BY_SERVER)";
  case 3:
    return "the server has no certificate for TLS (SSL_CERT_NOT_ON_SERVER)";
  case 4:
    return "the server refuses the flags of the request (INCONSISTENT_FLAGS)";
  case 5:
    return "the server requires NLA, which we offered (HYBRID_REQUIRED_BY_SERVER)";
  case 6:
    return "the server requires TLS with a client certificate (SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER)";
  default:
    return fmt::format("the server refuses with an unknown code {:#x}", code);
  }
}

Negotiation from_selected(std::uint32_t protocol) {
  switch (protocol) {
  case 0:
    return refused("the server selected RDP's own encryption: neither TLS nor NLA");
  case 1:
    return {Protocol::tls, {}};
  case 2:
  case 8:
    return {Protocol::nla, {}};
  default:
    return refused(fmt::format("the server selected a protocol that was not offered ({:#x})", protocol));
  }
}

}  // namespace

std::optional<std::size_t> tpkt_length(std::span<const std::uint8_t, 4> header) {
  constexpr std::size_t longest = 512;  // a confirm has 11 or 19 bytes
  const std::size_t length = (std::size_t{header[2]} << 8) | header[3];
  if (header[0] != 3 || length < tpkt_header + confirm_header || length > longest) return std::nullopt;
  return length;
}

Negotiation parse_connection_confirm(std::span<const std::uint8_t> packet) {
  constexpr std::uint8_t confirm = 0xd0;
  constexpr std::uint8_t response = 2;
  constexpr std::uint8_t failure = 3;
  if (packet.size() < tpkt_header + confirm_header) return refused("the service on this port is not RDP");
  if (tpkt_length(packet.first<tpkt_header>()) != packet.size()) return refused("the service on this port is not RDP");
  const auto tpdu = packet.subspan(tpkt_header);
  if (tpdu[0] != tpdu.size() - 1) return refused("the X.224 answer has a wrong length");
  if ((tpdu[1] & 0xf0) != confirm)
    return refused(fmt::format("the X.224 answer is not a confirmation ({:#x})", tpdu[1]));
  const auto rest = tpdu.subspan(confirm_header);
  if (rest.empty()) return refused("the server does not negotiate: it supports only RDP's own encryption");
  if (rest.size() < negotiation_size || rest[2] != negotiation_size || rest[3] != 0) {
    return refused("the RDP negotiation answer is malformed");
  }
  const auto value = std::uint32_t{rest[4]} | (std::uint32_t{rest[5]} << 8) | (std::uint32_t{rest[6]} << 16) |
                     (std::uint32_t{rest[7]} << 24);
  if (rest[0] == response) return from_selected(value);
  if (rest[0] == failure) return refused(failure_meaning(value));
  return refused(fmt::format("the RDP negotiation answer has an unknown type ({:#x})", rest[0]));
}

}  // namespace rescue::rdp
