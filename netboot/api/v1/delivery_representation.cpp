// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/delivery_representation.hpp"

#include "core/error.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/nullable.hpp"
#include "netboot/api/v1/pages.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::api {

using nlohmann::json;

json delivery_json(const DeliveryRecord& record) {
  const bool is_waiting = record.state == DeliveryState::waiting;
  return {{"id", fmt::format("d-{}", record.id)},  {"server", record.server.text()},
          {"session", or_null(record.session)},    {"kind", name_of(record.kind)},
          {"receiver", record.receiver},           {"receiver_kind", name_of(record.receiver_kind)},
          {"address", or_null(record.address)},    {"language", or_null(record.language)},
          {"state", name_of(record.state)},        {"attempts", record.attempts},
          {"result", or_null(record.result)},      {"created_at", rfc3339(record.created)},
          {"expires_at", rfc3339(record.expires)}, {"next_attempt_at", is_waiting ? json(rfc3339(record.due)) : json()},
          {"ended_at", or_null(record.ended)}};
}

json deliveries_json(const std::vector<DeliveryRecord>& records) {
  auto items = json::array();
  for (const auto& record : records) items.push_back(delivery_json(record));
  return items;
}

long long delivery_id_of(const std::string& text) {
  if (const auto id = number_of_id(text, "d-")) return *id;
  throw Error(ErrorCode::not_found, fmt::format("there is no delivery '{}'", text),
              "Deliveries are named d-1, d-2, ...");
}

Bounce bounce_from(const std::string& body) {
  return read_body(body, [](const Field& root) {
    constexpr std::size_t longest = 2'000;
    root.only({"return_path", "delivery", "reason"});
    Bounce bounce;
    if (const auto path = root.find("return_path")) bounce.return_path = path->text();
    if (const auto delivery = root.find("delivery")) bounce.delivery = delivery->text();
    if (bounce.return_path.empty() == bounce.delivery.empty()) {
      root.fail("must have either return_path or delivery", R"(Write {"return_path": "bounces+...@example.com"}.)");
    }
    const auto reason = root.find("reason");
    bounce.reason = reason ? reason->text() : "it came back";
    if (bounce.reason.size() > longest) reason->fail(fmt::format("must have {} bytes at most", longest));
    return bounce;
  });
}

}  // namespace rescue::netboot::api
