// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/events/event_text.hpp"

#include "contract/session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// Writes one line: a line break would end the field. Replaces invalid UTF-8.
std::string one_line(const json& body) { return body.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string server_event_data(std::string_view server, std::string_view change, const BootMode& mode) {
  json body{{"server", server}, {"change", change}};
  if (change != "removed") body["boot_mode"] = mode.name();
  return one_line(body);
}

std::string task_event_data(const Task& task) {
  json body{{"task", fmt::format("t-{}", task.id)},
            {"server", task.server.text()},
            {"kind", name_of(task.kind)},
            {"state", name_of(task.state)}};
  for (const auto& step : task.steps) {
    if (step.state == StepState::pending) continue;
    body["step"] = {{"name", step.name}, {"state", name_of(step.state)}};
    if (!step.detail.empty()) body["step"]["detail"] = step.detail;
  }
  if (const auto& error = task.error) {
    body["error"] = {{"code", error->code}, {"detail", error->detail}, {"hint", error->hint}};
  }
  return one_line(body);
}

std::string session_event_data(const AgentSession& session) {
  const auto report = json::parse(session.report, nullptr, false);
  json body{{"session", session.id},
            {"server", session.server.text()},
            {"phase", session.revoked.empty() ? session.phase : std::string(name_of(contract::Phase::failed))},
            {"ended", session.ended.has_value()},
            {"credentials", name_of(delivery_of(session))}};
  if (report.is_object()) {
    for (const auto* const key : {"waiting_for", "failure"}) {
      if (report.contains(key)) body[key] = report[key];
    }
    const auto steps = report.value("steps", json::array());
    if (!steps.empty()) body["step"] = steps.back();
  }
  if (!session.revoked.empty()) {
    body["failure"] = {{"code", session.revoked}, {"message", "netbootd ended the session: " + session.revoked}};
  }
  return one_line(body);
}

std::string secret_event_data(const SecretLink& link, WallTime now) {
  return one_line({{"secret", fmt::format("o-{}", link.id)},
                   {"server", link.server.text()},
                   {"state", name_of(state_of(link, now))},
                   {"opened", link.opened},
                   {"refused", link.refused},
                   {"wrong_codes", link.wrong_codes}});
}

std::string lease_event_data(std::string_view server, const Lease& lease) {
  return one_line({{"server", server}, {"boot_mode", lease.mode.name()}, {"expires_at", rfc3339(lease.expires)}});
}

std::string delivery_event_data(const DeliveryRecord& record) {
  return one_line({{"delivery", fmt::format("d-{}", record.id)},
                   {"server", record.server.text()},
                   {"session", record.session.empty() ? json() : json(record.session)},
                   {"kind", name_of(record.kind)},
                   {"receiver", record.receiver},
                   {"state", name_of(record.state)},
                   {"attempts", record.attempts},
                   {"result", record.result.empty() ? json() : json(record.result)}});
}

std::string reset_event_data() { return R"({"read":"everything again"})"; }

std::string stream_text(const Event& event) {
  auto body = json::parse(event.data, nullptr, false);
  if (body.is_object()) body["at"] = rfc3339(event.at);
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.id, event.kind, one_line(body));
}

}  // namespace rescue::netboot
