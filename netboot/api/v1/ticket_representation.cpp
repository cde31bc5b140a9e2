// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/ticket_representation.hpp"

#include "core/net/ip_address.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/reported.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr auto highest_port = std::numeric_limits<std::uint16_t>::max();

json addresses_from(const Field& field) {
  constexpr std::size_t most = 64;
  auto addresses = json::array();
  for (const auto& item : reported_items(field, most)) {
    const auto address = net::IpAddress::try_parse(item.string());
    if (!address) item.fail("is not an IP address");
    addresses.push_back(address->text());
  }
  return addresses;
}

json helpers_from(const Field& field) {
  constexpr std::size_t most = 16;
  auto helpers = json::array();
  for (const auto& item : reported_items(field, most)) {
    helpers.push_back(reported_texts(item, {"name", "address", "since"}));
  }
  return helpers;
}

}  // namespace

TicketOrder ticket_order_from(const std::string& body) {
  if (body.empty()) return {};
  return read_body(body, [](const Field& root) {
    root.only({"role", "ask_customer", "port"});
    TicketOrder order;
    if (const auto role = root.find("role")) order.role = role->word<credentials::TicketRole>();
    if (const auto ask = root.find("ask_customer")) order.ask_customer = ask->boolean();
    if (const auto port = root.find("port")) order.port = static_cast<unsigned>(port->integer(1, highest_port));
    return order;
  });
}

json reported_ticket_from(const Field& field) {
  auto ticket = reported_texts(field, {"opened_at", "closed_because"});
  ticket["open"] = field.at("open").boolean();
  ticket["port"] = field.at("port").integer(0, highest_port);
  ticket["role"] = name_of(field.at("role").word<credentials::TicketRole>());
  ticket["ask_customer"] = field.at("ask_customer").boolean();
  const auto addresses = field.find("addresses");
  ticket["addresses"] = addresses ? addresses_from(*addresses) : json::array();
  const auto connected = field.find("connected");
  ticket["connected"] = connected ? helpers_from(*connected) : json::array();
  const auto asking = field.find("asking");
  ticket["asking"] = asking ? reported_texts(*asking, {"name", "address", "until"}) : json();
  if (const auto sealed = field.find("sealed")) ticket["sealed"] = sealed_from(*sealed);
  return ticket;
}

json ticket_json(const std::optional<AgentSession>& agent, bool with_sealed) {
  if (!agent || agent->ended || !agent->revoked.empty()) return {};
  auto ticket = json::parse(agent->report).value("ticket", json());
  if (ticket.is_object() && !with_sealed) ticket.erase("sealed");
  return ticket;
}

}  // namespace rescue::netboot::api
