// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/agent_representation.hpp"

#include "contract/session.hpp"
#include "core/printable.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/nullable.hpp"
#include "netboot/api/v1/reported.hpp"
#include "netboot/api/v1/ticket_representation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr std::size_t most_steps = 64;

json steps_from(const Field& field) {
  auto steps = json::array();
  for (const auto& item : reported_items(field, most_steps)) {
    (void)item.at("name");
    (void)item.at("state");
    steps.push_back(reported_texts(item, {"name", "state", "began", "ended", "detail"}));
  }
  return steps;
}

/// Changes of the session to the server's disks.
json changes_from(const Field& field) {
  constexpr std::size_t most_changes = 64;
  constexpr std::size_t most_unknowns = 16;
  constexpr std::int64_t last_partition = 100'000;
  constexpr std::size_t longest = 2000;
  json report{{"changes", json::array()}, {"unknown", json::array()}};
  for (const auto& item : reported_items(field.at("changes"), most_changes)) {
    (void)item.at("code");
    (void)item.at("text");
    auto change = reported_texts(item, {"code", "disk", "text"});
    const auto partition = item.find("partition");
    change["partition"] = partition ? partition->integer(0, last_partition) : 0;
    report["changes"].push_back(std::move(change));
  }
  if (const auto unknown = field.find("unknown")) {
    for (const auto& item : reported_items(*unknown, most_unknowns)) {
      const auto text = item.string();
      if (text.size() > longest) item.fail(fmt::format("must have {} bytes at most", longest));
      report["unknown"].push_back(printable(text, longest));
    }
  }
  const auto left_out = field.find("left_out");
  report["left_out"] = left_out ? left_out->integer(0, std::numeric_limits<std::int64_t>::max()) : 0;
  return report;
}

Report read_report(const Field& root) {
  Report report;
  const auto phase = root.at("phase");
  (void)phase.word<contract::Phase>();
  report.phase = phase.string();
  auto text = reported_texts(root, {"waiting_for"});
  if (const auto undecided = root.find("undecided")) report.undecided = undecided->boolean();
  if (report.undecided) text["undecided"] = true;
  const auto steps = root.find("steps");
  text["steps"] = steps ? steps_from(*steps) : json::array();
  if (const auto failure = root.find("failure"))
    text["failure"] = reported_texts(*failure, {"code", "message", "hint"});
  if (const auto connection = root.find("connection")) report.connection = connection_from(*connection).dump();
  if (const auto command = root.find("command")) {
    report.done_command = command->at("id").integer(0, std::numeric_limits<std::int64_t>::max());
    text["command"] = {{"id", *report.done_command}};
    if (const auto failure = command->find("failure")) {
      text["command"]["failure"] = reported_texts(*failure, {"code", "message", "hint"});
    }
  }
  if (const auto changes = root.find("report")) text["report"] = changes_from(*changes);
  if (const auto ticket = root.find("ticket")) text["ticket"] = reported_ticket_from(*ticket);
  report.text = text.dump();
  return report;
}

SealedCredentials read_credentials(const Field& root) {
  SealedCredentials credentials{sealed_from(root.at("sealed")), {}};
  if (const auto connection = root.find("connection")) credentials.connection = connection_from(*connection).dump();
  return credentials;
}

std::string read_hash(const Field& root) {
  const auto field = root.at("agent_token_sha256");
  auto hash = field.text();
  constexpr std::size_t digits = 64;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (hash.size() != digits || !std::all_of(hash.begin(), hash.end(), is_digit)) {
    field.fail("is not a SHA-256 in lower-case hex");
  }
  return hash;
}

/// The duration as in configurations: 3s, 2500ms.
std::string duration_text(Milliseconds duration) {
  constexpr auto second = 1'000;
  return duration.count() % second == 0 ? fmt::format("{}s", duration.count() / second)
                                        : fmt::format("{}ms", duration.count());
}

}  // namespace

json connection_from(const Field& field) {
  return reported_texts(
      field, {"address", "user", "ssh_host_key", "ssh_host_key_type", "ssh_host_key_blob", "rdp_certificate"});
}

std::string agent_hash_from(const std::string& body) { return read_body(body, read_hash); }
Report report_from(const std::string& body) { return read_body(body, read_report, true); }
SealedCredentials credentials_from(const std::string& body) { return read_body(body, read_credentials, true); }

json redeemed_json(const Redeemed& redeemed, const AgentRules& rules, const std::string& links_url) {
  const auto& wanted = redeemed.request;
  json request{{"on_shutdown", wanted.on_shutdown},
               {"disk_mode", wanted.disk_mode},
               {"then", wanted.then},
               {"reason", redeemed.reason},
               {"image", wanted.image}};
  if (!wanted.public_key.empty()) request["requester_public_key"] = wanted.public_key;
  if (!wanted.request_id.empty()) request["request_id"] = wanted.request_id;
  if (!wanted.notify_address.empty()) {
    request["notify"] = {{"address", wanted.notify_address}, {"language", wanted.notify_language}};
  }
  if (wanted.link && !links_url.empty()) {
    request["link"] = {{"url", links_url}, {"code", name_of(wanted.code)}, {"send", is_link_sent(wanted)}};
  }
  if (!wanted.keyboard.empty()) request["keyboard"] = wanted.keyboard;
  if (!wanted.ssh_keys.empty()) request["ssh_keys"] = wanted.ssh_keys;
  if (wanted.auth != RescueRequest{}.auth) request["auth"] = wanted.auth;
  return {{"server", redeemed.session.server.text()},
          {"session", redeemed.session.id},
          {"heartbeat_interval", duration_text(rules.heartbeat_interval)},
          {"request", request}};
}

json heartbeat_json(const Heard& heard, const LeaseLimits& limits, WallTime now) {
  const auto& lease = heard.lease;
  const bool is_own = lease && lease->id == heard.session.lease;
  json answer{{"lease",
               {{"state", is_own ? name_of(state_of(*lease, limits, now)) : "ended"},
                {"expires_at", is_own ? json(rfc3339(lease->expires)) : json()}}}};
  if (const auto& command = heard.session.command) {
    answer["command"] = {{"id", command->id}, {"kind", command->kind}};
    if (!command->then.empty()) answer["command"]["then"] = command->then;
    if (!command->changes.empty()) answer["command"]["changes"] = command->changes;
    if (command->ticket) answer["command"].update(to_json(*command->ticket));
  }
  return answer;
}

json session_json(const AgentSession& agent, const AgentRules& rules, WallTime now) {
  auto body = json::parse(agent.report);
  body.erase("command");  // its task has the outcome
  body.erase("ticket");   // it has a resource of its own
  if (!body.contains("steps")) body["steps"] = json::array();
  body["server"] = agent.server.text();
  body["session"] = agent.id;
  body["phase"] = agent.revoked.empty() ? agent.phase : std::string(name_of(contract::Phase::failed));
  if (!agent.revoked.empty()) {
    body["failure"] = {{"code", agent.revoked}, {"message", "netbootd ended the session: " + agent.revoked}};
  }
  body["connection"] = agent.connection == "{}" ? json() : json::parse(agent.connection);
  body["began_at"] = rfc3339(agent.began);
  body["ended_at"] = or_null(agent.ended);
  body["last_heard_at"] = rfc3339(agent.heard);
  body["alive"] = is_alive(agent, rules, now);
  body["credentials"] = name_of(delivery_of(agent));
  body["credentials_read_at"] = or_null(agent.read);
  body["boot"] = agent.boot;
  return body;
}

}  // namespace rescue::netboot::api
