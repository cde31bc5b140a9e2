// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/netboot_agent.hpp"

#include "core/base64.hpp"
#include "core/document.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "orchestrator/domain/json.hpp"

#include <algorithm>

namespace rescue::boot {
namespace {

using Json = nlohmann::json;

/// Limit of texts: netbootd refuses longer ones, and a cut text is better than a refused heartbeat.
std::string clipped(std::string text) {
  constexpr std::size_t longest = 2'000;
  text.resize(std::min(text.size(), longest));
  return text;
}

/// Makes a text valid UTF-8: output of a guest or a program may be anything.
std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::ignore); }

Json connection_json(const domain::ConnectionData& connection) {
  return {{"address", connection.address},
          {"user", connection.user},
          {"ssh_host_key", connection.ssh_host_key},
          {"rdp_certificate", connection.rdp_certificate}};
}

/// Failure of the session, or what could not be undone, which needs an operator.
const domain::Failure* failure_of(const domain::SessionRecord& record) {
  if (!record.rollback_failures.empty()) return &record.rollback_failures.front();
  return record.failure ? &*record.failure : nullptr;
}

Json failure_json(const domain::SessionRecord& record, const domain::Failure& failure) {
  auto message = failure.step.empty() ? failure.message : failure.step + ": " + failure.message;
  if (record.failure && &*record.failure != &failure) message += "; after: " + record.failure->message;
  const auto code = record.rollback_failures.empty() ? failure.code : ErrorCode::rollback_incomplete;
  return {{"code", name_of(code)}, {"message", clipped(std::move(message))}, {"hint", clipped(failure.hint)}};
}

Json step_json(const domain::StepRecord& step) {
  Json json{{"name", step.name}, {"state", name_of(step.state)}, {"began", rfc3339(step.started)}};
  if (!step.detail.empty()) json["detail"] = clipped(step.detail);
  if (step.ended) json["ended"] = rfc3339(*step.ended);
  return json;
}

Document answer(const http::Response& response) { return Document::from_json("answer of netbootd", response.body); }

/// Turns an invalid answer into `unavailable`: a retry may help.
template <class Read>
auto understood(Read read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::config_invalid) throw;
    throw Error(ErrorCode::unavailable, error.what(), "Check that control_plane.url is the address of netbootd.");
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::unavailable, std::string("answer of netbootd: ") + error.what());
  }
}

domain::SessionRequest request_of(const Field& field) { return domain::request_from_json(field.json()); }

ports::Redemption redemption_of(const Field& root) {
  ports::Redemption redemption;
  redemption.session = root.at("session").string();
  redemption.heartbeat_interval = std::max(root.at("heartbeat_interval").duration(), Milliseconds(100));
  if (const auto request = root.find("request")) {
    redemption.request = request_of(*request);
    // Log the id that this session has in the logs of the panel and of netbootd.
    if (const auto id = request->find("request_id")) log::info("the session was requested by request {}", id->text());
  }
  return redemption;
}

std::optional<ports::FinishCommand> command_of(const Field& root) {
  const auto command = root.find("command");
  if (!command || command->at("kind").text() != name_of(contract::AgentCommand::finish)) return std::nullopt;
  ports::FinishCommand finish;
  finish.id = static_cast<std::uint64_t>(command->at("id").integer(0, INT64_MAX));
  if (const auto then = command->find("then")) {
    finish.order.then = then->word<domain::Ending>();
  }
  if (const auto changes = command->find("changes")) {
    finish.order.changes = changes->word<domain::Changes>();
  }
  return finish;
}

}  // namespace

std::string heartbeat_body(const domain::SessionRecord& record, const std::string& waiting_for) {
  Json json{{"phase", name_of(record.phase)}, {"waiting_for", clipped(waiting_for)}, {"steps", Json::array()}};
  for (const auto& step : record.steps) json["steps"].push_back(step_json(step));
  if (const auto* failure = failure_of(record)) json["failure"] = failure_json(record, *failure);
  if (record.connection) json["connection"] = connection_json(*record.connection);
  return dumped(json);
}

NetbootAgent::NetbootAgent(HandOver hand_over, const http::ClientOptions& options)
    : hand_over_(std::move(hand_over)), options_(options), client_(options, hand_over_.agent_token().clone()) {}

ports::Redemption NetbootAgent::redeem(std::stop_token stop) {
  if (hand_over_.redemption()) return *hand_over_.redemption();
  http::Client client(options_, hand_over_.boot_token().clone());
  const Json body{{"agent_token_sha256", hand_over_.agent_token_sha256()}, {"version", RESCUE_VERSION}};
  const auto response = client.call("POST", "/v1/agent/redeem", body.dump(), std::move(stop));
  auto redemption = understood([&] { return redemption_of(answer(response).root()); });
  hand_over_.redeemed(redemption);
  return redemption;
}

std::optional<ports::FinishCommand> NetbootAgent::heartbeat(const domain::SessionRecord& record,
                                                            const std::string& waiting_for, std::stop_token stop) {
  const auto response =
      client_.call("POST", "/v1/agent/heartbeat", heartbeat_body(record, waiting_for), std::move(stop));
  if (response.status == 204 || response.body.empty()) return std::nullopt;
  return understood([&] { return command_of(answer(response).root()); });
}

void NetbootAgent::deliver(const std::string& sealed, const domain::ConnectionData& connection, std::stop_token stop) {
  const Json body{{"sealed", base64_of(sealed)}, {"connection", connection_json(connection)}};
  (void)client_.call("PUT", "/v1/agent/credentials", body.dump(), std::move(stop));
}

}  // namespace rescue::boot
