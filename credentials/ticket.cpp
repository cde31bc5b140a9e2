// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/ticket.hpp"

#include <sodium.h>

#include <algorithm>
#include <new>

namespace rescue::credentials {
namespace {

constexpr std::size_t ticket_group = 4;
constexpr std::size_t ticket_key_size = crypto_generichash_KEYBYTES;
constexpr unsigned long long argon_passes = 3;
constexpr std::size_t argon_memory = std::size_t{64} * 1024 * 1024;
static_assert(ticket_proof_size == crypto_generichash_BYTES);

/// H. M. Damm's quasigroup of order 10: its check digit shows every wrong digit and every swap of neighbours.
constexpr std::array<std::string_view, 10> damm_table = {"0317598642", "7092154863", "4206871359", "1750983426",
                                                         "6123045978", "3674209581", "5869720134", "8945362017",
                                                         "9438617205", "2581436790"};

/// Carries the check digit `so_far` on over one more digit. Both are characters.
char damm_step(char so_far, char digit) {
  return damm_table.at(static_cast<std::size_t>(so_far - '0')).at(static_cast<std::size_t>(digit - '0'));
}

const unsigned char* raw(std::string_view text) {
  const void* const data = text.data();
  return static_cast<const unsigned char*>(data);
}
unsigned char* raw(Secret& secret) {
  void* const data = secret.data();
  return static_cast<unsigned char*>(data);
}

/// Writes digit number `index` at its place between the dashes.
void put_digit(Secret& number, std::size_t index, char digit) {
  const auto place = index + index / ticket_group;
  number.data()[place] = digit;
  if (place > 0 && index % ticket_group == 0) number.data()[place - 1] = '-';
}

Secret empty_number() { return Secret(ticket_digits + ticket_digits / ticket_group - 1); }

void require_sodium() {
  if (::sodium_init() < 0) throw std::bad_alloc();
}

}  // namespace

Secret make_ticket() {
  require_sodium();
  auto number = empty_number();
  char check = '0';
  for (std::size_t index = 0; index + 1 < ticket_digits; ++index) {
    const auto digit = static_cast<char>('0' + ::randombytes_uniform(10));
    put_digit(number, index, digit);
    check = damm_step(check, digit);
  }
  put_digit(number, ticket_digits - 1, check);
  return number;
}

ParsedTicket parse_ticket(std::string_view text) {
  ParsedTicket parsed;
  auto number = empty_number();
  std::size_t count = 0;
  char check = '0';
  for (const char c : text) {
    if (c == '-' || c == ' ') continue;
    if (c < '0' || c > '9') return {TicketFault::wrong_characters, {}};
    if (count < ticket_digits) put_digit(number, count, c);
    check = damm_step(check, c);
    ++count;
  }
  if (count != ticket_digits) return {TicketFault::wrong_length, {}};
  if (check != '0') return {TicketFault::wrong_digit, {}};
  parsed.number = std::move(number);
  return parsed;
}

TicketKey::TicketKey(const Secret& number, std::span<const std::uint8_t> certificate) : key_(ticket_key_size) {
  require_sodium();
  std::array<unsigned char, crypto_pwhash_SALTBYTES> salt{};
  ::crypto_generichash(salt.data(), salt.size(), certificate.data(), certificate.size(), nullptr, 0);
  if (::crypto_pwhash(raw(key_), key_.size(), number.reveal().data(), number.size(), salt.data(), argon_passes,
                      argon_memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();
  }
}

TicketProof TicketKey::prove(TicketSide side, std::span<const std::uint8_t> binding,
                             std::span<const std::uint8_t> content) const {
  const std::string_view label = side == TicketSide::viewer ? "rescue ticket 1 viewer" : "rescue ticket 1 host  ";
  crypto_generichash_state state{};
  ::crypto_generichash_init(&state, raw(key_.reveal()), key_.size(), ticket_proof_size);
  ::crypto_generichash_update(&state, raw(label), label.size());
  ::crypto_generichash_update(&state, binding.data(), binding.size());
  ::crypto_generichash_update(&state, content.data(), content.size());
  TicketProof proof{};
  ::crypto_generichash_final(&state, proof.data(), proof.size());
  ::sodium_memzero(&state, sizeof state);
  return proof;
}

bool TicketKey::accepts(const TicketProof& proof, TicketSide side, std::span<const std::uint8_t> binding,
                        std::span<const std::uint8_t> content) const {
  const auto expected = prove(side, binding, content);
  return ::sodium_memcmp(expected.data(), proof.data(), proof.size()) == 0;
}

}  // namespace rescue::credentials
