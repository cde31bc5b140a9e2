// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/answers.hpp"

#include "core/error.hpp"
#include "core/http/client.hpp"
#include "core/peer_json.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot::cli {

using nlohmann::json;

namespace {

/// Table of steps, indented below the facts.
std::string steps_table(const json& steps) {
  if (!steps.is_array() || steps.empty()) return {};
  std::vector<std::vector<std::string>> rows{{"STEP", "STATE", "BEGAN", "ENDED", "DETAIL"}};
  for (const auto& step : steps) {
    rows.push_back({text_of(step, "name"), text_of(step, "state"), text_of(step, "began"), text_of(step, "ended"),
                    text_of(step, "detail")});
  }
  return "\n" + table(rows);
}

std::string failure_of(const json& object, const char* key, const char* message) {
  const auto failure = object.value(key, json());
  if (!failure.is_object()) return {};
  return fmt::format("{} ({})", text_of(failure, message), text_of(failure, "code"));
}

std::string hint_of(const json& object, const char* key) {
  const auto failure = object.value(key, json());
  return failure.is_object() ? text_of(failure, "hint") : std::string{};
}

}  // namespace

std::string server_path(const std::string& name) { return "/v1/servers/" + http::percent_encode(name); }

/// Parses the answer of a netbootd; an answer of anything else is an error, not a crash.
json parsed(const std::string& body) {
  auto value = parse_peer_json(body, body.size());
  if (value.is_object()) return value;
  throw Error(ErrorCode::unavailable, "the server that answers is not a netbootd", "Check --url.");
}

std::string text_of(const json& object, const char* key) {
  const auto member = object.find(key);
  if (member == object.end() || member->is_null()) return {};
  return member->is_string() ? member->get<std::string>() : member->dump();
}

/// Lines "label:  value"; leaves out those without a value.
std::string facts(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t width = 0;
  for (const auto& [label, value] : pairs) width = std::max(width, label.size() + 1);
  std::string text;
  for (const auto& [label, value] : pairs) {
    if (!value.empty()) text += fmt::format("{:<{}}  {}\n", label + ":", width, shown(value));
  }
  return text;
}

void put_if_given(json& body, const char* key, const std::string& value) {
  if (!value.empty()) body[key] = value;
}

std::string task_facts(const json& task) {
  return facts({{"task", text_of(task, "id")},
                {"kind", text_of(task, "kind")},
                {"server", text_of(task, "server")},
                {"state", text_of(task, "state")},
                {"then", text_of(task, "then")},
                {"changes", text_of(task, "changes")},
                {"waiting for", text_of(task, "waiting_for")},
                {"error", failure_of(task, "error", "detail")},
                {"hint", hint_of(task, "error")},
                {"requested by", text_of(task, "requested_by")},
                {"created", text_of(task, "created_at")},
                {"ended", text_of(task, "ended_at")}}) +
         steps_table(task.value("steps", json::array()));
}

namespace {

/// Changes of the session to the disks, a line each; empty until it has ended.
std::string changes_list(const json& session) {
  const auto report = session.value("report", json());
  if (!report.is_object()) return {};
  std::string lines;
  for (const auto& change : report.value("changes", json::array())) {
    const auto partition = change.value("partition", 0U);
    auto place = text_of(change, "disk");
    if (partition != 0) place += fmt::format(", partition {}", partition);
    lines += fmt::format("changed: {}{}{}\n", place, place.empty() ? "" : ": ", text_of(change, "text"));
  }
  for (const auto& text : report.value("unknown", json::array())) {
    if (text.is_string()) lines += fmt::format("not known: {}\n", text.get<std::string>());
  }
  if (const auto left_out = report.value("left_out", 0U); left_out > 0) {
    lines += fmt::format("changed: {} more\n", left_out);
  }
  return lines.empty() ? "no change to the disks was found\n" : lines;
}

}  // namespace

std::string session_facts(const json& session) {
  const auto found = session.value("connection", json());
  const auto connection = found.is_object() ? found : json::object();
  const auto lease = session.value("lease", json());
  return facts({{"server", text_of(session, "server")},
                {"session", text_of(session, "session")},
                {"phase", text_of(session, "phase")},
                {"waiting for", text_of(session, "waiting_for")},
                {"failure", failure_of(session, "failure", "message")},
                {"hint", hint_of(session, "failure")},
                {"address", text_of(connection, "address")},
                {"user", text_of(connection, "user")},
                {"SSH host key", text_of(connection, "ssh_host_key")},
                {"RDP certificate", text_of(connection, "rdp_certificate")},
                {"credentials", text_of(session, "credentials")},
                {"read at", text_of(session, "credentials_read_at")},
                {"last heartbeat", text_of(session, "last_heard_at")},
                {"alive", text_of(session, "alive")},
                {"lease", lease.is_object() ? text_of(lease, "state") : std::string{}}}) +
         steps_table(session.value("steps", json::array())) + changes_list(session);
}

}  // namespace rescue::netboot::cli
