// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/agent_representation.hpp"

#include "contract/session.hpp"
#include "core/base64.hpp"
#include "core/printable.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/nullable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr std::size_t longest_text = 2000;
constexpr std::size_t most_steps = 64;
constexpr std::size_t largest_sealed = 8192;

/// Makes a host's text printable for terminals and logs: the host may be hostile.
json text_from(const Field& field) {
  const auto text = field.string();
  if (text.size() > longest_text) field.fail(fmt::format("must have {} bytes at most", longest_text));
  return printable(text, longest_text);
}

/// These members of an object, as far as they exist.
json texts_from(const Field& field, std::initializer_list<const char*> keys) {
  auto texts = json::object();
  for (const auto* const key : keys) {
    if (const auto member = field.find(key)) texts[key] = text_from(*member);
  }
  return texts;
}

json steps_from(const Field& field) {
  const auto items = field.items();
  if (items.size() > most_steps) field.fail(fmt::format("must hold {} steps at most", most_steps));
  auto steps = json::array();
  for (const auto& item : items) {
    (void)item.at("name");
    (void)item.at("state");
    steps.push_back(texts_from(item, {"name", "state", "began", "ended", "detail"}));
  }
  return steps;
}

json connection_from(const Field& field) {
  return texts_from(field, {"address", "user", "ssh_host_key", "rdp_certificate"});
}

Report read_report(const Field& root) {
  Report report;
  const auto phase = root.at("phase");
  (void)phase.word<contract::Phase>();
  report.phase = phase.string();
  auto text = texts_from(root, {"waiting_for"});
  const auto steps = root.find("steps");
  text["steps"] = steps ? steps_from(*steps) : json::array();
  if (const auto failure = root.find("failure")) text["failure"] = texts_from(*failure, {"code", "message", "hint"});
  if (const auto connection = root.find("connection")) report.connection = connection_from(*connection).dump();
  report.text = text.dump();
  return report;
}

SealedCredentials read_credentials(const Field& root) {
  const auto field = root.at("sealed");
  SealedCredentials credentials{field.text(), {}};
  if (credentials.sealed.size() > largest_sealed) field.fail(fmt::format("must have {} bytes at most", largest_sealed));
  if (!bytes_of_base64(credentials.sealed)) field.fail("is not base64");
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

std::string agent_hash_from(const std::string& body) { return read_body(body, read_hash); }
Report report_from(const std::string& body) { return read_body(body, read_report, true); }
SealedCredentials credentials_from(const std::string& body) { return read_body(body, read_credentials, true); }

json redeemed_json(const Redeemed& redeemed, const AgentRules& rules) {
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
  if (!wanted.keyboard.empty()) request["keyboard"] = wanted.keyboard;
  if (!wanted.ssh_keys.empty()) request["ssh_keys"] = wanted.ssh_keys;
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
    answer["command"] = {
        {"id", command->id}, {"kind", command->kind}, {"then", command->then}, {"changes", command->changes}};
  }
  return answer;
}

json session_json(const AgentSession& agent, const AgentRules& rules, WallTime now) {
  auto body = json::parse(agent.report);
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
