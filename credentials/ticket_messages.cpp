// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/ticket_messages.hpp"

#include <algorithm>

namespace rescue::credentials {
namespace {

enum class MessageKind : std::uint8_t { hello = 1, refusal = 2, asking = 3, admitted = 4, farewell = 5 };

constexpr std::size_t refusal_size = 3;
constexpr std::size_t welcome_head = 3;  // role and seconds
constexpr std::size_t farewell_size = 1;
constexpr unsigned byte_bits = 8;
constexpr unsigned byte_mask = 0xff;

void append_number(Bytes& bytes, std::uint16_t number) {
  bytes.push_back(static_cast<std::uint8_t>(number >> byte_bits));
  bytes.push_back(static_cast<std::uint8_t>(number & byte_mask));
}

std::uint16_t number_at(std::span<const std::uint8_t> bytes, std::size_t place) {
  return static_cast<std::uint16_t>((unsigned{bytes[place]} << byte_bits) | bytes[place + 1]);
}

void append_text(Bytes& bytes, std::string_view text) {
  text = text.substr(0, longest_ticket_name);
  bytes.insert(bytes.end(), text.begin(), text.end());
}

Bytes with_header(MessageKind kind, const Bytes& body) {
  Bytes message{static_cast<std::uint8_t>(kind)};
  append_number(message, static_cast<std::uint16_t>(body.size()));
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

TicketProof proof_at(std::span<const std::uint8_t> body) {
  TicketProof proof{};
  std::copy_n(body.begin(), proof.size(), proof.begin());
  return proof;
}

std::string text_of(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

template <HasWords Enum>
std::optional<Enum> enumerator(std::uint8_t number) {
  if (number >= words_of(Enum{}).size()) return std::nullopt;
  return static_cast<Enum>(number);
}

Bytes proof_first(const TicketProof& proof, const Bytes& rest) {
  Bytes body(proof.begin(), proof.end());
  body.insert(body.end(), rest.begin(), rest.end());
  return body;
}

Bytes encode_one(const HostRefusal& refusal) {
  Bytes body{static_cast<std::uint8_t>(refusal.reason)};
  append_number(body, refusal.retry_seconds);
  return with_header(MessageKind::refusal, body);
}

Bytes encode_one(const HostWelcome& welcome) {
  return with_header(welcome.admitted ? MessageKind::admitted : MessageKind::asking,
                     proof_first(welcome.proof, proven_part(welcome)));
}

Bytes encode_one(const HostFarewell& farewell) {
  return with_header(MessageKind::farewell, {static_cast<std::uint8_t>(farewell.reason)});
}

std::optional<HostMessage> parse_welcome(bool admitted, std::span<const std::uint8_t> body) {
  if (body.size() < ticket_proof_size + welcome_head) return std::nullopt;
  const auto head = body.subspan(ticket_proof_size);
  const auto role = enumerator<TicketRole>(head[0]);
  if (!role || head.size() - welcome_head > longest_ticket_name) return std::nullopt;
  return HostWelcome{admitted, *role, number_at(head, 1), text_of(head.subspan(welcome_head)), proof_at(body)};
}

std::optional<std::size_t> body_size(std::span<const std::uint8_t, ticket_header_size> header) {
  const std::size_t size = number_at(header, 1);
  if (size > longest_ticket_body) return std::nullopt;
  return size;
}

}  // namespace

Bytes proven_part(const ViewerHello& hello) {
  Bytes part;
  append_text(part, hello.name);
  return part;
}

Bytes proven_part(const HostWelcome& welcome) {
  Bytes part{static_cast<std::uint8_t>(welcome.role)};
  append_number(part, welcome.answer_seconds);
  append_text(part, welcome.server);
  return part;
}

Bytes encode(const ViewerHello& hello) {
  return with_header(MessageKind::hello, proof_first(hello.proof, proven_part(hello)));
}

Bytes encode(const HostMessage& message) {
  return std::visit([](const auto& one) { return encode_one(one); }, message);
}

std::optional<std::size_t> viewer_body_size(std::span<const std::uint8_t, ticket_header_size> header) {
  if (header[0] != static_cast<std::uint8_t>(MessageKind::hello)) return std::nullopt;
  const auto size = body_size(header);
  if (!size || *size < ticket_proof_size || *size > ticket_proof_size + longest_ticket_name) return std::nullopt;
  return size;
}

std::optional<std::size_t> host_body_size(std::span<const std::uint8_t, ticket_header_size> header) {
  const auto kind = header[0];
  if (kind < static_cast<std::uint8_t>(MessageKind::refusal) || kind > static_cast<std::uint8_t>(MessageKind::farewell))
    return std::nullopt;
  return body_size(header);
}

std::optional<ViewerHello> parse_viewer_body(std::span<const std::uint8_t> body) {
  if (body.size() < ticket_proof_size || body.size() > ticket_proof_size + longest_ticket_name) return std::nullopt;
  return ViewerHello{text_of(body.subspan(ticket_proof_size)), proof_at(body)};
}

std::optional<HostMessage> parse_host_body(std::uint8_t kind, std::span<const std::uint8_t> body) {
  switch (static_cast<MessageKind>(kind)) {
  case MessageKind::refusal: {
    const auto reason = body.size() == refusal_size ? enumerator<TicketRefusal>(body[0]) : std::nullopt;
    if (!reason) return std::nullopt;
    return HostRefusal{*reason, number_at(body, 1)};
  }
  case MessageKind::asking:
    return parse_welcome(false, body);
  case MessageKind::admitted:
    return parse_welcome(true, body);
  case MessageKind::farewell: {
    const auto reason = body.size() == farewell_size ? enumerator<TicketEnd>(body[0]) : std::nullopt;
    if (!reason) return std::nullopt;
    return HostFarewell{*reason};
  }
  case MessageKind::hello:
    break;
  }
  return std::nullopt;
}

}  // namespace rescue::credentials
