// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/api.hpp"

#include "core/document.hpp"
#include "core/log.hpp"
#include "orchestrator/control/files_api.hpp"
#include "orchestrator/control/status_form.hpp"
#include "orchestrator/domain/boot_chain.hpp"
#include "orchestrator/domain/inspection_form.hpp"
#include "orchestrator/domain/json.hpp"
#include "orchestrator/session/checks.hpp"
#include "orchestrator/session/plan.hpp"
#include "orchestrator/session/request.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

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
  json["ticket"] = to_json(api.tickets.view());
  json["files"] = file_access_json(view.record);
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

/// The operator's wishes inside the guest; none: no request. Throws `usage`.
std::optional<domain::SessionRequest> wishes_of(const Field& root) {
  domain::SessionRequest request;
  if (const auto keys = root.find("ssh_keys")) request.ssh_keys = keys->strings();
  if (const auto auth = root.find("auth")) request.auth = name_of(auth->word<domain::SshAuth>());
  if (const auto keyboard = root.find("keyboard")) request.keyboard = keyboard->string();
  if (const auto language = root.find("language")) request.language = language->string();
  if (const auto mode = root.find("disk_mode")) request.disk_mode = name_of(mode->word<domain::DiskMode>());
  if (request == domain::SessionRequest{}) return std::nullopt;
  try {
    (void)session::with_request({}, request);
  } catch (const Error& error) {
    throw Error(ErrorCode::usage, error.what(), error.hint());
  }
  if (request.auth == name_of(domain::SshAuth::keys_only) && request.ssh_keys.empty()) {
    throw Error(ErrorCode::usage, "keys-only needs an SSH key: nobody could log in over SSH",
                "Name a file with one: --ssh-key FILE");
  }
  return request;
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

domain::TicketOrder ticket_order_of(const Field& root) {
  root.only({"ask_customer", "role", "port"});
  constexpr std::int64_t last_port = 65535;
  domain::TicketOrder order;
  if (const auto ask = root.find("ask_customer")) order.ask_customer = ask->boolean();
  if (const auto role = root.find("role")) order.role = role->word<domain::TicketRole>();
  if (const auto port = root.find("port")) order.port = static_cast<std::uint16_t>(port->integer(1, last_port));
  return order;
}

/// The ticket with its number: like a password, it leaves this process only here and in an invitation.
Response ticket_answer(const TicketService& tickets, unsigned status) {
  auto json = to_json(tickets.view());
  json["number"] = tickets.number().reveal();
  auto response = answer(json, status);
  wipe(json["number"].get_ref<std::string&>());
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
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
    root.only({"collect", "ssh_keys", "auth", "keyboard", "language", "disk_mode"});
    const auto collect = root.find("collect");
    const bool somebody_collects = collect && collect->boolean();
    api.service.start([&] { api.mailbox.expect(somebody_collects); }, wishes_of(root));
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

void add_ticket_routes(http::Router& router, const ApiBackend& api) {
  router.add("POST", "/v1/ticket", [api](const Request& request) {
    const auto document = body_of(request);
    api.tickets.open(ticket_order_of(document.root()));
    return ticket_answer(api.tickets, 201);
  });
  router.add("GET", "/v1/ticket", [api](const Request&) { return ticket_answer(api.tickets, 200); });
  router.add("DELETE", "/v1/ticket", [api](const Request&) {
    api.tickets.end();
    return answer(to_json(api.tickets.view()));
  });
  router.add("POST", "/v1/ticket/answer", [api](const Request& request) {
    const auto document = body_of(request);
    const auto root = document.root();
    root.only({"visitor", "yes"});
    std::optional<std::uint64_t> visitor;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    if (const auto field = root.find("visitor")) visitor = static_cast<std::uint64_t>(field->integer(1, most));
    api.tickets.answer(visitor, root.at("yes").boolean());
    return answer(to_json(api.tickets.view()));
  });
}

Json findings_json(const std::vector<domain::Finding>& findings) {
  auto list = Json::array();
  for (const auto& finding : findings) list.push_back(domain::to_json(finding));
  return list;
}

/// Sizes of the guest's changes that are kept apart, by disk; null in another disk mode.
Json changes_json(const ApiBackend& api, const domain::SessionRecord& record) {
  if (!record.plan || record.plan->guest.disk_mode != domain::DiskMode::overlay) return nullptr;
  auto list = Json::array();
  for (const auto& given : record.plan->guest.disks) {
    list.push_back({{"path", given.disk.path}, {"bytes", api.ports.overlays.size_of(given.source)}});
  }
  return list;
}

/// The disks, with what is on them unless a guest may write to them.
Json disks_json(const ApiBackend& api) {
  const auto survey = session::survey_disks(api.ports, api.settings.disks);
  auto json = domain::to_json(survey);
  const auto health = api.health.read(survey.usable);
  for (std::size_t i = 0; i < health.size(); ++i) json["usable"][i]["health"] = domain::to_json(health[i]);
  auto findings = domain::findings_of_health(health);
  json["findings"] = findings_json(findings);
  json["not_inspected"] = "";
  if (const auto record = api.service.status().record; record.active()) {
    json["not_inspected"] = "a session runs, and its guest may write to the disks";
    json["changes"] = changes_json(api, record);
    return json;
  }
  const auto inspected = api.ports.inspector.inspect(survey.usable);
  if (api.service.status().record.active()) {
    throw Error(ErrorCode::conflict, "a session has started while the disks were read",
                "Ask again when it has ended: then nobody writes to them.");
  }
  for (std::size_t i = 0; i < inspected.size(); ++i) {
    json["usable"][i]["facts"] = inspected[i].problem.empty() ? domain::to_json(inspected[i].facts) : Json();
  }
  for (auto& finding : domain::findings_of(inspected)) findings.push_back(std::move(finding));
  json["findings"] = findings_json(findings);
  json["boot_chain"] = Json::array();
  for (const auto& check : domain::boot_chain(inspected, api.ports.host.facts().uefi)) {
    json["boot_chain"].push_back(domain::to_json(check));
  }
  return json;
}

void add_inspection_routes(http::Router& router, const ApiBackend& api) {
  router.add("GET", "/v1/doctor", [api](const Request&) {
    const auto checks = session::run_checks(api.ports, api.settings, api.service.status().record, {});
    const bool passed = std::none_of(checks.begin(), checks.end(), [](const session::Check& check) {
      return check.verdict == session::Verdict::failed;
    });
    return answer({{"passed", passed}, {"checks", checks_json(checks)}});
  });
  router.add(
      "GET", "/v1/disks", [api](const Request&) { return answer(disks_json(api)); }, http::RunOn::slow);
  router.add(
      "GET", "/v1/files", [api](const Request&) { return answer(files_json(api)); }, http::RunOn::slow);
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
  add_ticket_routes(router, backend);
  add_inspection_routes(router, backend);
  return router;
}

}  // namespace rescue::control
