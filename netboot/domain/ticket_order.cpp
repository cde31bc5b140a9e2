// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/ticket_order.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot {

using nlohmann::json;

json to_json(const TicketOrder& order) {
  json members{{"role", name_of(order.role)}, {"ask_customer", order.ask_customer}};
  if (order.port) members["port"] = *order.port;
  return members;
}

TicketOrder ticket_order_of(const std::string& text) {
  try {
    const auto members = json::parse(text);
    TicketOrder order;
    order.role = parse_word<credentials::TicketRole>(members.at("role").get<std::string>()).value();
    order.ask_customer = members.at("ask_customer").get<bool>();
    if (members.contains("port")) order.port = members["port"].get<unsigned>();
    return order;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::internal, fmt::format("a ticket's order can't be read: {}", error.what()));
  }
}

}  // namespace rescue::netboot
