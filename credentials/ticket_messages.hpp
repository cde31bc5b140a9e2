// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Messages of a helpdesk's viewer and a rescued host, between the TLS handshake and the console's own protocol. Each
// has a header of 3 bytes (kind, and length of the body, big-endian) and a body of 256 bytes at most.

#include "core/words.hpp"
#include "credentials/ticket.hpp"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace rescue::credentials {

/// Name of the protocol (ALPN). Another version has another name.
constexpr std::string_view ticket_protocol = "rescue-ticket/1";
constexpr std::size_t ticket_header_size = 3;
constexpr std::size_t longest_ticket_body = 256;
/// Limit of a name in a message, in bytes.
constexpr std::size_t longest_ticket_name = 64;

enum class TicketRole { control, view };
constexpr auto words_of(TicketRole) { return words<TicketRole>("control", "view"); }

/// Reasons that an unproven viewer gets.
enum class TicketRefusal {
  unknown_ticket,  ///< the proof does not fit
  locked,          ///< too many wrong tickets; later perhaps
  busy,            ///< another viewer is being asked for, or too many are connected
};
constexpr auto words_of(TicketRefusal) { return words<TicketRefusal>("unknown-ticket", "locked", "busy"); }

/// Reasons that a proven viewer gets.
enum class TicketEnd {
  declined,   ///< the customer said no
  no_answer,  ///< the customer has not answered in time: a no
  over,       ///< ticket or session have ended
};
constexpr auto words_of(TicketEnd) { return words<TicketEnd>("declined", "no-answer", "over"); }
using rescue::name_of;

/// Viewer to host, the first message and its only one.
struct ViewerHello {
  std::string name;  ///< of the helper, shown to the customer; at most 64 bytes, which nothing confirms
  TicketProof proof{};
};
/// Host to viewer; not proven.
struct HostRefusal {
  TicketRefusal reason{};
  std::uint16_t retry_seconds = 0;  ///< of `locked`: when another attempt makes sense; 0: never
};
/// Host to viewer: the proof fits. With `admitted` the console's protocol follows.
struct HostWelcome {
  bool admitted = false;  ///< false: the customer is being asked
  TicketRole role{};
  std::uint16_t answer_seconds = 0;  ///< time that the customer has for an answer
  std::string server;                ///< name of the server
  TicketProof proof{};
};
/// Host to viewer, after a `HostWelcome` without admission.
struct HostFarewell {
  TicketEnd reason{};
};

using HostMessage = std::variant<HostRefusal, HostWelcome, HostFarewell>;

using Bytes = std::vector<std::uint8_t>;

/// Part of a message that its proof covers.
[[nodiscard]] Bytes proven_part(const ViewerHello& hello);
[[nodiscard]] Bytes proven_part(const HostWelcome& welcome);

/// Header and body. Names are cut to their limit.
[[nodiscard]] Bytes encode(const ViewerHello& hello);
[[nodiscard]] Bytes encode(const HostMessage& message);

/// Length of the body that a header announces; none if no message of that side has such a header.
[[nodiscard]] std::optional<std::size_t> viewer_body_size(std::span<const std::uint8_t, ticket_header_size> header);
[[nodiscard]] std::optional<std::size_t> host_body_size(std::span<const std::uint8_t, ticket_header_size> header);

/// None for a body that is malformed. The names are as they were sent: `printable` before they are shown.
[[nodiscard]] std::optional<ViewerHello> parse_viewer_body(std::span<const std::uint8_t> body);
/// `kind`: the first byte of the header.
[[nodiscard]] std::optional<HostMessage> parse_host_body(std::uint8_t kind, std::span<const std::uint8_t> body);

}  // namespace rescue::credentials
