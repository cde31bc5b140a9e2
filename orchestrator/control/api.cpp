// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/api.hpp"

#include "core/document.hpp"
#include "core/log.hpp"
#include "orchestrator/control/status_form.hpp"
#include "orchestrator/domain/json.hpp"
#include "orchestrator/session/checks.hpp"
#include "orchestrator/session/plan.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace rescue::control {
namespace {

using http::Request;
using http::Response;
using Json = nlohmann::json;

Response answer(const Json& body, unsigned status = 200) {
  // Replaces invalid UTF-8: one faulty text must not hide the rest.
  return {status, "application/json", body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", {}};
}

Document body_of(const Request& request) {
  return Document::from_json("request body", request.body.empty() ? "{}" : request.body);
}

std::uint64_t number_from_query(const Request& request, const std::string& name, std::uint64_t otherwise) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return otherwise;
  std::uint64_t value = 0;
  const auto& text = found->second;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size()) {
    throw Error(ErrorCode::usage, fmt::format("query parameter '{}' must be a number", name));
  }
  return value;
}

Json status_json(const ApiBackend& api, const StatusView& view) {
  auto json = status_form(view.record);
  json["revision"] = view.revision;
  json["waiting_for"] = view.waiting_for;
  json["collectable"] = view.delivers() && api.mailbox.expected();
  json["busy"] = view.busy;
  json["control_plane"] = {{"state", name_of(view.control_plane.state)},
                           {"problem", view.control_plane.problem},
                           {"hint", view.control_plane.hint}};
  json["now"] = {{"ms", std::chrono::duration_cast<Milliseconds>(SystemClock().wall().time_since_epoch()).count()}};
  return json;
}

/// The only place where a password leaves this process: the body of an answer on the socket.
Response secret_answer(const domain::ConnectionData& connection, const Secret& password) {
  auto json = domain::to_json(connection);
  json["password"] = password.reveal();
  auto response = answer(json);
  wipe(json["password"].get_ref<std::string&>());
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

std::string caller_of(const Request& request) {
  return request.peer_uid ? fmt::format("uid {} on the control socket", *request.peer_uid) : request.peer;
}

domain::FinishOrder order_of(const Field& root) {
  root.only({"then", "changes"});
  domain::FinishOrder order;
  if (const auto then = root.find("then")) {
    order.then = then->word<domain::Ending>();
  }
  if (const auto changes = root.find("changes")) {
    order.changes = changes->word<domain::Changes>();
  }
  return order;
}

Json checks_json(const std::vector<session::Check>& checks) {
  auto list = Json::array();
  for (const auto& check : checks) {
    list.push_back({{"name", check.name},
                    {"verdict", name_of(check.verdict)},
                    {"detail", check.detail},
                    {"remedy", check.remedy}});
    if (check.verdict == session::Verdict::failed) list.back()["code"] = name_of(check.code);
  }
  return list;
}

void add_session_routes(http::Router& router, const ApiBackend& api) {
  router.add("GET", "/v1/status", [api](const Request& request) {
    const auto after = number_from_query(request, "after", 0);
    const auto seconds = std::min<std::uint64_t>(number_from_query(request, "wait", 0), 55);
    return answer(status_json(api, seconds == 0 ? api.service.status()
                                                : api.service.wait_for_change(after, std::chrono::seconds(seconds))));
  });
  router.add("POST", "/v1/session", [api](const Request& request) {
    const auto document = body_of(request);
    const auto root = document.root();
    root.only({"collect"});
    const auto collect = root.find("collect");
    const bool somebody_collects = collect && collect->boolean();
    api.service.start([&] { api.mailbox.expect(somebody_collects); });
    return answer(status_json(api, api.service.status()), 202);
  });
  router.add("POST", "/v1/session/collect", [api](const Request& request) {
    constexpr Milliseconds limit{5'000};  // a caller may be slightly early
    const auto delivery = api.mailbox.collect(caller_of(request), limit);
    if (!delivery) {
      throw Error(ErrorCode::not_found, "there are no credentials to collect",
                  "They are given once; `rescuectl credentials rotate` makes new ones.");
    }
    return secret_answer(delivery->connection, delivery->password);
  });
  router.add("POST", "/v1/session/finish", [api](const Request& request) {
    const auto document = body_of(request);
    api.service.finish(order_of(document.root()));
    return answer(status_json(api, api.service.status()), 202);
  });
  router.add("POST", "/v1/credentials/rotate", [api](const Request&) {
    const auto password = api.service.rotate_credentials();
    return secret_answer(api.service.status().record.connection.value(), password);
  });
  router.add("POST", "/v1/boot/restore", [api](const Request&) {
    return answer({{"changed", api.service.restore_boot()}});
  });
}

void add_inspection_routes(http::Router& router, const ApiBackend& api) {
  router.add("GET", "/v1/doctor", [api](const Request&) {
    const auto checks = session::run_checks(api.ports, api.settings, api.service.status().record, {});
    const bool passed = std::none_of(checks.begin(), checks.end(), [](const session::Check& check) {
      return check.verdict == session::Verdict::failed;
    });
    return answer({{"passed", passed}, {"checks", checks_json(checks)}});
  });
  router.add("GET", "/v1/disks", [api](const Request&) {
    return answer(domain::to_json(session::survey_disks(api.ports, api.settings.disks)));
  });
  router.add("GET", "/v1/plan", [api](const Request&) {
    // During a session the NIC is taken over: shows the session's plan.
    const auto record = api.service.status().record;
    const auto plan = record.active() && record.plan ? *record.plan : session::make_plan(api.ports, api.settings);
    auto json = domain::to_json(plan);
    json["address"] = session::primary_address(plan.network.original);
    json["domain_xml"] = api.ports.hypervisor.describe(plan.guest);
    json["steps"] = Json::array();
    for (const auto step : choices<domain::StepName>()) {
      json["steps"].push_back(step);
      if (step == name_of(domain::StepName::announce)) json["steps"].push_back(name_of(domain::Phase::serving));
    }
    return answer(json);
  });
  router.add("GET", "/v1/logs", [](const Request&) { return answer({{"lines", log::recent()}}); });
}

}  // namespace

http::Router make_router(ApiBackend backend) {
  http::Router router;
  add_session_routes(router, backend);
  add_inspection_routes(router, backend);
  return router;
}

}  // namespace rescue::control
