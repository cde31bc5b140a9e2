// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/delivery_commands.hpp"

#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

/// Path of a delivery; "7" is short for d-7.
std::string delivery_path(const std::string& id) {
  const bool is_number = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
  return "/v1/deliveries/" + http::percent_encode(is_number ? "d-" + id : id);
}

std::string delivery_facts(const json& delivery) {
  return facts({{"delivery", text_of(delivery, "id")},
                {"server", text_of(delivery, "server")},
                {"session", text_of(delivery, "session")},
                {"kind", text_of(delivery, "kind")},
                {"receiver", text_of(delivery, "receiver")},
                {"address", text_of(delivery, "address")},
                {"language", text_of(delivery, "language")},
                {"state", text_of(delivery, "state")},
                {"attempts", text_of(delivery, "attempts")},
                {"result", text_of(delivery, "result")},
                {"created", text_of(delivery, "created_at")},
                {"next attempt", text_of(delivery, "next_attempt_at")},
                {"last attempt by", text_of(delivery, "expires_at")},
                {"ended", text_of(delivery, "ended_at")}});
}

}  // namespace

std::string DeliveryCommands::list(const std::string& server) {
  auto deliveries = json::array();
  std::string cursor;
  do {
    const auto path = server_path(server) + "/deliveries?limit=1000";
    const auto answer =
        parsed(client_.call("GET", cursor.empty() ? path : path + "&cursor=" + http::percent_encode(cursor)).body);
    for (const auto& delivery : answer.value("deliveries", json::array())) deliveries.push_back(delivery);
    cursor = text_of(answer, "next");
  } while (!cursor.empty());
  if (json_) return json{{"deliveries", deliveries}}.dump(2) + "\n";
  std::vector<std::vector<std::string>> rows{
      {"DELIVERY", "KIND", "RECEIVER", "ADDRESS", "STATE", "ATTEMPTS", "CREATED", "NEXT ATTEMPT", "RESULT"}};
  for (const auto& delivery : deliveries) {
    rows.push_back({text_of(delivery, "id"), text_of(delivery, "kind"), text_of(delivery, "receiver"),
                    text_of(delivery, "address"), text_of(delivery, "state"), text_of(delivery, "attempts"),
                    text_of(delivery, "created_at"), text_of(delivery, "next_attempt_at"),
                    text_of(delivery, "result")});
  }
  return table(rows);
}

std::string DeliveryCommands::show(const std::string& id) {
  auto answer = client_.call("GET", delivery_path(id)).body;
  return json_ ? answer : delivery_facts(parsed(answer));
}

std::string DeliveryCommands::resend(const std::string& id) {
  auto answer = client_.call("POST", delivery_path(id) + "/resend").body;
  return json_ ? answer : delivery_facts(parsed(answer));
}

}  // namespace rescue::netboot::cli
