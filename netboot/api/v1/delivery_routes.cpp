// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/delivery_representation.hpp"
#include "netboot/api/v1/pages.hpp"
#include "netboot/api/v1/server_representation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace rescue::netboot::api {
namespace {

http::Response list_deliveries(Services& services, const http::Request& request) {
  require_known(request, {"limit", "cursor"});
  const auto after = page_start(request);
  const auto limit = page_limit(request);
  auto found = services.deliveries.of_server(
      named(request), after.empty() ? std::numeric_limits<long long>::max() : delivery_id_of(after), limit + 1);
  const bool is_last = found.size() <= limit;
  if (!is_last) found.pop_back();
  return page(request, "deliveries", deliveries_json(found),
              is_last ? std::string{} : fmt::format("d-{}", found.back().id));
}

/// Throws `not_found`, as for a missing delivery, if its server is outside the token's scope.
DeliveryRecord in_scope(DeliveryRecord record, const Caller& caller) {
  if (caller.scope.holds(record.server)) return record;
  throw Error(ErrorCode::not_found, fmt::format("there is no delivery d-{}", record.id),
              "'netbootctl delivery list SERVER' shows those of a server.");
}

DeliveryRecord visible_delivery(Services& services, const std::string& id, const Caller& caller) {
  return in_scope(services.deliveries.find(delivery_id_of(id)), caller);
}

http::Response show_delivery(Services& services, const http::Request& request, const Caller& caller) {
  return reply(200, delivery_json(visible_delivery(services, request.parameters.at("id"), caller)));
}

http::Response resend_delivery(Services& services, const http::Request& request, const Caller& caller) {
  const auto record = visible_delivery(services, request.parameters.at("id"), caller);
  log::info("d-{} of {} is tried again now, by {}", record.id, record.server.text(), caller.label);
  return reply(200, delivery_json(services.deliveries.resend(record.id)));
}

http::Response note_bounce(Services& services, const http::Request& request, const Caller& caller) {
  const auto bounce = bounce_from(request.body);
  const auto record = bounce.delivery.empty() ? in_scope(services.deliveries.of_return_path(bounce.return_path), caller)
                                              : visible_delivery(services, bounce.delivery, caller);
  log::warning("d-{} of {} has bounced, reported by {}", record.id, record.server.text(), caller.label);
  return reply(200, delivery_json(services.deliveries.bounce(record.id, bounce.reason)));
}

}  // namespace

void add_delivery_routes(Gate& gate, const SharedServices& services) {
  gate.add("GET", "/v1/servers/{name}/deliveries",
           [services](const auto& request, const auto&) { return list_deliveries(*services, request); });
  gate.add("GET", "/v1/deliveries/{id}",
           [services](const auto& request, const auto& caller) { return show_delivery(*services, request, caller); });
  gate.add("POST", "/v1/deliveries/{id}/resend",
           [services](const auto& request, const auto& caller) { return resend_delivery(*services, request, caller); });
  gate.add("POST", "/v1/bounces",
           [services](const auto& request, const auto& caller) { return note_bounce(*services, request, caller); });
}

}  // namespace rescue::netboot::api
