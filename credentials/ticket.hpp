// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Number of a helpdesk's ticket, and the proofs by which both ends of a connection show each other that they know it.
// docs/decisions/0012-helpdesk-ticket.md has the reasons.

#include "core/secret.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace rescue::credentials {

/// 15 random digits, which are 49.8 bits, and a check digit, in groups of four: "4821-0937-5526-1408".
constexpr std::size_t ticket_digits = 16;

[[nodiscard]] Secret make_ticket();

enum class TicketFault {
  none,
  wrong_characters,  ///< something else than digits, dashes and blanks
  wrong_length,
  wrong_digit,  ///< the check digit does not fit: a digit is wrong, or two neighbours are swapped
};

struct ParsedTicket {
  TicketFault fault = TicketFault::none;
  Secret number;  ///< with its dashes; empty when there is a fault
};

/// Reads a number as people write it: with dashes, blanks or neither.
[[nodiscard]] ParsedTicket parse_ticket(std::string_view text);

constexpr std::size_t ticket_proof_size = 32;
using TicketProof = std::array<std::uint8_t, ticket_proof_size>;

/// End of a connection that proves the ticket: `viewer` with its first message, `host` with each of its answers.
enum class TicketSide { viewer, host };

/// Key of a ticket under one certificate: Argon2id (64 MiB, 3 passes) of the number, salted with the certificate.
class TicketKey {
public:
  /// `number`: as `make_ticket` and `parse_ticket` write it. `certificate`: the SHA-256 of the listener's certificate.
  /// Blocks for about 0.2 s. Throws std::bad_alloc.
  TicketKey(const Secret& number, std::span<const std::uint8_t> certificate);

  /// BLAKE2b, keyed, of the side, the connection's binding (RFC 9266) and `content`.
  [[nodiscard]] TicketProof prove(TicketSide side, std::span<const std::uint8_t> binding,
                                  std::span<const std::uint8_t> content) const;
  /// Compares in constant time.
  [[nodiscard]] bool accepts(const TicketProof& proof, TicketSide side, std::span<const std::uint8_t> binding,
                             std::span<const std::uint8_t> content) const;

private:
  Secret key_;
};

}  // namespace rescue::credentials
