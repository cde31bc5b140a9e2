// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/event_commands.hpp"

#include "core/error.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

std::string query_of(const EventOrder& order, const std::string& after) {
  std::string query = "after=" + (after.empty() ? "0" : after);
  if (!order.server.empty()) query += "&server=" + http::percent_encode(order.server);
  if (!order.kind.empty()) query += "&kind=" + http::percent_encode(order.kind);
  if (!order.follow) query += "&follow=false";
  return query;
}

/// Summary of an event: "running, power: done (boots from the network)".
std::string summary_of(const json& body) {
  std::string summary;
  for (const auto* const key : {"change", "boot_mode", "kind", "state", "phase", "waiting_for"}) {
    const auto text = text_of(body, key);
    if (!text.empty()) summary += (summary.empty() ? "" : ", ") + text;
  }
  const auto step = body.value("step", json::object());
  if (!step.empty()) summary += fmt::format(", {}: {}", text_of(step, "name"), text_of(step, "state"));
  const auto error = body.value("error", body.value("failure", json::object()));
  if (!error.empty()) {
    const auto detail = text_of(error, "detail");
    summary += ": " + (detail.empty() ? text_of(error, "message") : detail);
  }
  return summary;
}

}  // namespace

bool EventStreamParser::next(Event& event) {
  for (auto end = pending_.find("\n\n"); end != std::string::npos; end = pending_.find("\n\n")) {
    event = {};
    std::string_view block(pending_.data(), end + 1);
    while (!block.empty()) {
      const auto line = block.substr(0, block.find('\n'));
      block.remove_prefix(line.size() + 1);
      const auto colon = line.find(": ");
      if (colon == std::string_view::npos || colon == 0) continue;
      const auto name = line.substr(0, colon);
      const auto value = line.substr(colon + 2);
      if (name == "id") last_id_ = value;
      if (name == "event") event.kind = value;
      if (name == "data") event.data = value;
    }
    event.id = last_id_;
    pending_.erase(0, end + 2);
    if (!event.data.empty()) return true;
  }
  return false;
}

void EventCommands::print(const EventStreamParser::Event& event) {
  auto body = parsed(event.data);
  if (json_) {
    fmt::print(out_, "{}\n", json{{"id", event.id}, {"event", event.kind}, {"data", body}}.dump());
  } else if (event.kind == "reset") {
    fmt::print(out_, "{}  events were missed: read the current state again\n", shown(text_of(body, "at")));
  } else {
    const auto subject = event.kind == "server" ? std::string{} : shown(text_of(body, event.kind.c_str())) + "  ";
    fmt::print(out_, "{}  {}  {}  {}{}\n", shown(text_of(body, "at")), shown(text_of(body, "server")),
               shown(event.kind), subject, shown(summary_of(body)));
  }
  std::fflush(out_);
}

void EventCommands::read(const std::string& path) {
  (void)client_.download(path, 0, [this](std::string_view bytes) {
    parser_.put(bytes);
    EventStreamParser::Event event;
    while (parser_.next(event)) print(event);
  });
}

std::string EventCommands::events(const EventOrder& order) {
  if (!order.follow) {
    read("/v1/events?" + query_of(order, {}));
    return {};
  }
  while (true) {
    parser_.forget_rest();
    try {
      read("/v1/events?" + query_of(order, parser_.last_id()));
    } catch (const Error& error) {
      const bool passes = error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout;
      if (!passes || parser_.last_id().empty()) throw;
    }
    constexpr Milliseconds pause(1'000);
    (void)clock_.sleep_for(pause);
  }
}

}  // namespace rescue::netboot::cli
