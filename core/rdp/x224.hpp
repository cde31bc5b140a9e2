// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// First two messages of an RDP connection: they show whether RDP listens, and whether it uses TLS or NLA.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rescue::rdp {

/// Builds an X.224 Connection Request in a TPKT, with RDP_NEG_REQ for TLS, CredSSP and CredSSP with early authorization
/// (MS-RDPBCGR 2.2.1.1).
inline constexpr std::array<std::uint8_t, 19> connection_request{
    0x03, 0x00, 0x00, 0x13, 0x0e, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x08, 0x00, 0x0b, 0x00, 0x00, 0x00};

enum class Protocol { tls, nla };  ///< nla: CredSSP in either form

/// Answer of the server: a protocol that continues with TLS, or the reason why there is none.
struct Negotiation {
  std::optional<Protocol> protocol;
  std::string problem;  ///< for people; empty if there is a protocol
};

/// Length of a whole TPKT (RFC 1006) from its first four bytes; none if they are not the start of a plausible answer.
[[nodiscard]] std::optional<std::size_t> tpkt_length(std::span<const std::uint8_t, 4> header);

/// Parses a whole TPKT with an X.224 Connection Confirm (MS-RDPBCGR 2.2.1.2). Never throws; the bytes are untrusted.
[[nodiscard]] Negotiation parse_connection_confirm(std::span<const std::uint8_t> packet);

}  // namespace rescue::rdp
