// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/viewer/target.hpp"

#include "core/base64.hpp"
#include "credentials/ticket.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <charconv>

namespace rescue::viewer {
namespace {

using credentials::TicketFault;

constexpr std::size_t most_endpoints = 32;
constexpr std::size_t largest_invitation = 64 * 1024;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Secret ticket_of(std::string_view text) {
  auto parsed = credentials::parse_ticket(trimmed(text));
  const auto refuse = [](const std::string& message, std::string hint) -> Problem {
    return {Reason::malformed_ticket, FormField::ticket, message, std::move(hint)};
  };
  switch (parsed.fault) {
  case TicketFault::none:
    return std::move(parsed.number);
  case TicketFault::wrong_characters:
    throw refuse("The ticket has characters that are no digits.",
                 "It is 16 digits in groups of four, such as 4821-0937-...");
  case TicketFault::wrong_length:
    throw refuse("The ticket does not have 16 digits.", "Ask the customer to read all four groups.");
  case TicketFault::wrong_digit:
    break;
  }
  throw refuse("A digit of the ticket is wrong, or two are swapped.", "Ask the customer to read it again.");
}

net::IpAddress address_of(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (const auto address = net::IpAddress::try_parse(text)) return *address;
  throw Problem(Reason::malformed_address, FormField::address,
                text.empty() ? "The IP address is missing." : "The IP address is malformed.",
                "Enter it as the customer sees it: 203.0.113.7 or 2001:db8::7, without a port.");
}

std::uint16_t port_of(std::string_view text) {
  text = trimmed(text);
  constexpr unsigned last_port = 65535;
  unsigned port = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error == std::errc{} && rest == text.data() + text.size() && port >= 1 && port <= last_port) {
    return static_cast<std::uint16_t>(port);
  }
  throw Problem(Reason::malformed_port, FormField::port,
                text.empty() ? "The port is missing." : "The port is not a number from 1 to 65535.",
                "The customer sees it beside the ticket.");
}

Problem invitation_problem(const char* what) {
  return {Reason::malformed_invitation, FormField::none, fmt::format("The invitation can't be used: {}.", what),
          "Enter the ticket, the address and the port by hand."};
}

/// KH2: "sha256:" and the base64 of the digest.
std::optional<tls::Digest> certificate_of(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  if (text.empty()) return std::nullopt;
  const auto bytes = text.starts_with(prefix) ? bytes_of_base64(text.substr(prefix.size())) : std::nullopt;
  if (!bytes || bytes->size() != tls::digest_size) throw invitation_problem("its certificate's hash is malformed");
  tls::Digest digest{};
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

}  // namespace

Target target_of(const Entered& entered) {
  Target target;
  target.ticket = ticket_of(entered.ticket.reveal());
  const auto address = address_of(entered.address);
  target.endpoints.push_back({address, port_of(entered.port)});
  return target;
}

Target target_of_invitation(std::string_view xml) {
  pugi::xml_document document;
  if (xml.size() > largest_invitation || !document.load_buffer(xml.data(), xml.size())) {
    throw invitation_problem("it is no XML");
  }
  const auto root = document.child("E");
  const auto authentication = root.child("A");
  if (!authentication) throw invitation_problem("it has no ticket");
  Target target;
  target.ticket = ticket_of(authentication.attribute("ID").value());
  target.certificate = certificate_of(authentication.attribute("KH2").value());
  for (const auto& transport : root.child("C").children("T")) {
    for (const auto& one : transport.children("L")) {
      if (target.endpoints.size() == most_endpoints) break;
      // Names of hosts and what else other makers write are left out.
      const auto address = net::IpAddress::try_parse(one.attribute("N").value());
      if (address) target.endpoints.push_back({*address, port_of(one.attribute("P").value())});
    }
  }
  if (target.endpoints.empty()) throw invitation_problem("it has no address");
  return target;
}

}  // namespace rescue::viewer
