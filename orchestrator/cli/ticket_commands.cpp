// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The commands of a helpdesk's ticket.
#include "contract/session.hpp"
#include "core/error.hpp"
#include "core/secret.hpp"
#include "orchestrator/cli/commands.hpp"
#include "orchestrator/cli/ticket_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace rescue::cli {
namespace {

using Json = nlohmann::json;

bool session_runs(const Json& status) {
  const auto phase = parse_word<contract::Phase>(status.at("phase").get<std::string>());
  return phase && is_active(*phase);
}

}  // namespace

/// Prints the ticket with its number, which is wiped afterwards.
void Commands::show_ticket(http::Response response) const {
  auto ticket = Json::parse(response.body);
  auto text = options_.json ? response.body : ticket_text(ticket);
  std::fputs(text.c_str(), stdout);
  wipe(text);
  wipe(response.body);
  wipe(ticket.at("number").get_ref<std::string&>());
}

int Commands::ticket_open() {
  Json order{{"ask_customer", !options_.no_message}, {"role", options_.view ? "view" : "control"}};
  if (options_.port != 0) order["port"] = options_.port;
  show_ticket(ask("POST", "/v1/ticket", order.dump()));
  return 0;
}

int Commands::ticket_show() {
  show_ticket(ask("GET", "/v1/ticket"));
  return 0;
}

int Commands::ticket_end() {
  print(call("DELETE", "/v1/ticket"), "the ticket is ended\n");
  return 0;
}

int Commands::ticket_answer() {
  const bool yes = options_.answer == "yes";
  // Names whom the answer is for: another helper may ask in the meantime.
  const auto ticket = call("GET", "/v1/status").at("ticket");
  const auto& asking = ticket.at("asking");
  if (asking.is_null()) {
    throw Error(ErrorCode::not_found, "no helper waits for an answer", "`rescuectl ticket show` shows who is in.");
  }
  const auto answered = call("POST", "/v1/ticket/answer", {{"visitor", asking.at("id")}, {"yes", yes}});
  print(answered, fmt::format("{} {}\n", visitor_text(asking), yes ? "may enter" : "is refused"));
  return 0;
}

int Commands::wait_for_connection() {
  using Steady = std::chrono::steady_clock;
  const auto deadline = Steady::now() + std::chrono::seconds(options_.timeout_seconds);
  bool was_open = false;
  auto status = call("GET", "/v1/status");
  for (;;) {
    const auto& ticket = status.at("ticket");
    if (!ticket.at("connected").empty()) {
      print(ticket, fmt::format("{} is in\n", visitor_text(ticket.at("connected").front())));
      return 0;
    }
    const bool open = ticket.at("open").get<bool>();
    if (!session_runs(status) || (was_open && !open)) {
      print(ticket, "no helper can come any more: the ticket or the session is over\n");
      return 1;
    }
    was_open = was_open || open;
    constexpr long long longest_wait = 30;
    auto seconds = longest_wait;
    if (options_.timeout_seconds != 0) {
      const auto left = std::chrono::ceil<std::chrono::seconds>(deadline - Steady::now()).count();
      if (left <= 0) throw Error(ErrorCode::timeout, "no helper has come in time");
      seconds = std::min<long long>(seconds, left);
    }
    status =
        call("GET", fmt::format("/v1/status?after={}&wait={}", status.at("revision").get<std::uint64_t>(), seconds));
  }
}

}  // namespace rescue::cli
