// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/netboot_agent.hpp"

#include "core/base64.hpp"
#include "core/document.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/rfc3339.hpp"
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
          {"ssh_host_key_type", connection.ssh_host_key_type},
          {"ssh_host_key_blob", connection.ssh_host_key_blob},
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

/// A command that has been carried out. netbootd repeats it until it gets this.
Json outcome_json(const domain::CommandOutcome& command) {
  Json json{{"id", command.id}};
  if (command.failure) {
    json["failure"] = {{"code", name_of(command.failure->code)},
                       {"message", clipped(command.failure->message)},
                       {"hint", clipped(command.failure->hint)}};
  }
  return json;
}

/// As much of the report as netbootd takes: docs/host-agent.md.
Json report_json(const domain::SessionReport& report) {
  constexpr std::size_t most_changes = 40;
  constexpr std::size_t most_unknowns = 8;
  constexpr std::size_t longest = 300;
  Json json{{"changes", Json::array()}, {"unknown", Json::array()}};
  for (const auto& change : report.changes) {
    if (json["changes"].size() == most_changes) break;
    json["changes"].push_back({{"code", name_of(change.code)},
                               {"disk", clipped(change.disk)},
                               {"partition", change.partition},
                               {"text", change.text.substr(0, longest)}});
  }
  for (const auto& text : report.unknown) {
    if (json["unknown"].size() < most_unknowns) json["unknown"].push_back(text.substr(0, longest));
  }
  json["left_out"] = report.left_out + report.changes.size() - json["changes"].size();
  return json;
}

Json visitor_json(const domain::TicketVisitor& visitor) {
  return {{"name", clipped(visitor.name)}, {"address", clipped(visitor.address)}};
}

/// The ticket without its number.
Json ticket_json(const domain::TicketReport& report) {
  const auto& view = report.view;
  Json json{{"open", view.open},
            {"port", view.port},
            {"addresses", Json::array()},
            {"role", name_of(view.role)},
            {"ask_customer", view.ask_customer},
            {"opened_at", rfc3339(view.opened)},
            {"connected", Json::array()}};
  for (const auto& address : view.addresses) json["addresses"].push_back(address.text());
  if (!view.closed_because.empty()) json["closed_because"] = clipped(view.closed_because);
  if (view.asking) {
    json["asking"] = visitor_json(*view.asking);
    if (view.answer_until) json["asking"]["until"] = rfc3339(*view.answer_until);
  }
  for (const auto& visitor : view.connected) {
    auto connected = visitor_json(visitor);
    connected["since"] = rfc3339(visitor.since);
    json["connected"].push_back(std::move(connected));
  }
  if (!report.sealed.empty()) json["sealed"] = base64_of(report.sealed);
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

domain::FinishOrder finish_order_of(const Field& command) {
  domain::FinishOrder order;
  if (const auto then = command.find("then")) order.then = then->word<domain::Ending>();
  if (const auto changes = command.find("changes")) order.changes = changes->word<domain::Changes>();
  return order;
}

domain::TicketOrder ticket_order_of(const Field& command) {
  domain::TicketOrder order;
  if (const auto role = command.find("role")) order.role = role->word<domain::TicketRole>();
  if (const auto ask = command.find("ask_customer")) order.ask_customer = ask->boolean();
  if (const auto port = command.find("port")) order.port = static_cast<std::uint16_t>(port->integer(1, UINT16_MAX));
  return order;
}

/// None also for a command of a later control plane, which this version does not know.
std::optional<ports::Command> command_of(const Field& root) {
  const auto found = root.find("command");
  if (!found) return std::nullopt;
  const auto kind = parse_word<contract::AgentCommand>(found->at("kind").text());
  if (!kind) return std::nullopt;
  ports::Command command;
  command.id = static_cast<std::uint64_t>(found->at("id").integer(0, INT64_MAX));
  command.kind = *kind;
  if (*kind == contract::AgentCommand::finish) command.order = finish_order_of(*found);
  if (*kind == contract::AgentCommand::open_ticket) command.ticket = ticket_order_of(*found);
  return command;
}

std::optional<WallTime> lease_end_of(const Field& root) {
  const auto lease = root.find("lease");
  if (!lease) return std::nullopt;
  const auto ends = lease->find("expires_at");
  if (!ends || ends->json().is_null()) return std::nullopt;
  const auto time = parse_rfc3339(ends->string());
  if (!time) ends->fail("is not a time of RFC 3339");
  return time;
}

}  // namespace

std::string heartbeat_body(const ports::Heartbeat& beat) {
  const auto& record = beat.record;
  // To netbootd a session that waits for a decision goes on: it can be ordered, and its host is not to be restarted.
  const bool undecided = record.changes_undecided && record.phase == contract::Phase::failed;
  const auto phase = undecided ? contract::Phase::finishing : record.phase;
  const std::string waiting_for = undecided ? "a decision: keep or discard the guest's changes" : beat.waiting_for;
  Json json{{"phase", name_of(phase)}, {"waiting_for", clipped(waiting_for)}, {"steps", Json::array()}};
  if (undecided) json["undecided"] = true;
  for (const auto& step : record.steps) json["steps"].push_back(step_json(step));
  if (const auto* failure = failure_of(record)) json["failure"] = failure_json(record, *failure);
  if (record.connection) json["connection"] = connection_json(*record.connection);
  if (beat.outcome) json["command"] = outcome_json(*beat.outcome);
  if (record.report) json["report"] = report_json(*record.report);
  if (beat.ticket) json["ticket"] = ticket_json(*beat.ticket);
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

ports::HeartbeatAnswer NetbootAgent::heartbeat(const ports::Heartbeat& beat, std::stop_token stop) {
  const auto response = client_.call("POST", "/v1/agent/heartbeat", heartbeat_body(beat), std::move(stop));
  if (response.status == 204 || response.body.empty()) return {};
  return understood([&] {
    const auto document = answer(response);
    return ports::HeartbeatAnswer{command_of(document.root()), lease_end_of(document.root())};
  });
}

void NetbootAgent::deliver(const std::string& sealed, const domain::ConnectionData& connection, std::stop_token stop) {
  const Json body{{"sealed", base64_of(sealed)}, {"connection", connection_json(connection)}};
  (void)client_.call("PUT", "/v1/agent/credentials", body.dump(), std::move(stop));
}

void NetbootAgent::deliver_link(const ports::OneTimeLink& link, const domain::ConnectionData& connection,
                                std::stop_token stop) {
  Json body{{"link", link.name},
            {"sealed", link.sealed.json()},
            {"link_verifier", base64_of(link.link_verifier)},
            {"connection", connection_json(connection)}};
  if (!link.verifier.empty()) body["verifier"] = base64_of(link.verifier);
  if (!link.sealed_for_panel.empty()) body["sealed_code"] = base64_of(link.sealed_for_panel);
  if (link.key) body["link_key"] = link.key->reveal();
  if (link.code) body["code"] = link.code->reveal();
  struct WipedText {
    std::string text;
    ~WipedText() { wipe(text); }
  } const sent{dumped(body)};
  for (const auto* const secret : {"link_key", "code"}) {
    if (const auto found = body.find(secret); found != body.end()) wipe(found->get_ref<std::string&>());
  }
  (void)client_.call("POST", "/v1/agent/secrets", sent.text, std::move(stop));
}

}  // namespace rescue::boot
