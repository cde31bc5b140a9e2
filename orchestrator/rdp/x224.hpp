// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The first two messages of an RDP connection: they show whether RDP listens, and whether it will use TLS or NLA.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rescue::rdp {

/// X.224 Connection Request inside a TPKT, with RDP_NEG_REQ for TLS, CredSSP and CredSSP with early authorization
/// (MS-RDPBCGR 2.2.1.1).
inline constexpr std::array<std::uint8_t, 19> connection_request{
    0x03, 0x00, 0x00, 0x13, 0x0e, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x08, 0x00, 0x0b, 0x00, 0x00, 0x00};

enum class Protocol { tls, nla };  ///< nla: CredSSP in either form

/// What the server answered: a protocol that goes on with TLS, or else the reason why it does not.
struct Negotiation {
  std::optional<Protocol> protocol;
  std::string problem;  ///< for people; empty when there is a protocol
};

/// The length of a whole TPKT (RFC 1006) by its first four bytes; none when they begin no plausible answer.
[[nodiscard]] std::optional<std::size_t> tpkt_length(std::span<const std::uint8_t, 4> header);

/// Reads a whole TPKT with an X.224 Connection Confirm (MS-RDPBCGR 2.2.1.2). Never throws; bytes from a stranger.
[[nodiscard]] Negotiation parse_connection_confirm(std::span<const std::uint8_t> packet);

}  // namespace rescue::rdp
