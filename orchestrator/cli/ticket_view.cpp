// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/ticket_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::cli {

std::string visitor_text(const nlohmann::json& visitor) {
  const auto name = visitor.at("name").get<std::string>();
  const auto address = visitor.at("address").get<std::string>();
  return name.empty() ? address : fmt::format("{} at {}", name, address);
}

std::string ticket_text(const nlohmann::json& ticket) {
  auto lines = fmt::format("ticket     {}\n", ticket.at("number").get<std::string>());
  for (const auto& address : ticket.at("addresses"))
    lines += fmt::format("address    {}\n", address.get<std::string>());
  lines += fmt::format("port       {}\nrole       {}\n", ticket.at("port").get<unsigned>(),
                       ticket.at("role").get<std::string>());
  lines += fmt::format("customer   {}\n", ticket.at("asks_customer").get<bool>()
                                              ? "is asked before a helper gets in; no answer in 60 s is a no"
                                              : "is not asked: the number alone lets a helper in");
  if (const auto& asking = ticket.at("asking"); !asking.is_null()) {
    lines += fmt::format("asks       {}: `rescuectl ticket answer yes` or `no`\n", visitor_text(asking));
  }
  for (const auto& visitor : ticket.at("connected")) lines += fmt::format("in         {}\n", visitor_text(visitor));
  return lines;
}

}  // namespace rescue::cli
