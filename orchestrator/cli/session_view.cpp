// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/session_view.hpp"

#include "orchestrator/cli/ticket_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <utility>

namespace rescue::cli {
namespace {

using Json = nlohmann::json;

std::int64_t now_ms(const Json& status) { return status.at("now").at("ms"); }

std::int64_t step_ms(const Json& step, const Json& status) {
  const auto end = step.at("ended").is_null() ? now_ms(status) : step.at("ended").at("ms").get<std::int64_t>();
  return end - step.at("started").at("ms").get<std::int64_t>();
}

std::string row(std::string_view name, const std::string& value) {
  return value.empty() ? std::string{} : fmt::format("{:<11}{}\n", name, value);
}

std::string text(const Json& value) { return value.get<std::string>(); }

std::string failure_text(const Json& failure) {
  auto lines = text(failure.at("message"));
  if (const auto hint = text(failure.at("hint")); !hint.empty()) lines += fmt::format("\n{:<11}{}", "", hint);
  return lines;
}

/// Rows of the wishes in the guest; those that were not asked for have none.
std::string wish_rows(const Json& wishes) {
  constexpr std::array<std::pair<const char*, const char*>, 3> shown{
      {{"ssh_keys", "ssh keys"}, {"keys_only", "keys only"}, {"keyboard", "keyboard"}}};
  std::string rows;
  for (const auto& [key, name] : shown) {
    const auto state = wishes.value(key, std::string("not-asked"));
    if (state != "not-asked") rows += row(name, state == "not-proven" ? "not proven" : state);
  }
  return rows;
}

std::string connection_rows(const Json& status) {
  const auto& connection = status.at("connection");
  if (connection.is_null()) return {};
  auto rows =
      row("address", text(connection.at("address"))) + row("user", text(connection.at("user"))) +
      row("ssh",
          fmt::format("{} ({})", text(connection.at("ssh_host_key")), text(connection.at("ssh_host_key_type")))) +
      row("rdp", fmt::format("{} ({})", text(connection.at("rdp_certificate")), text(connection.at("rdp_proof"))));
  rows += wish_rows(status.value("guest", Json::object()));
  const auto& announced = status.at("announced");
  rows += row("announced", announced.is_null()
                               ? "to nobody: `rescuectl credentials rotate` sets a new password"
                               : fmt::format("{} to {}", text(announced.at("at").at("at")), text(announced.at("to"))));
  return rows;
}

}  // namespace

std::string duration_text(std::int64_t milliseconds) {
  if (milliseconds < 60'000) return fmt::format("{:.2f} s", static_cast<double>(milliseconds) / 1000);
  return fmt::format("{} min {:02} s", milliseconds / 60'000, milliseconds / 1000 % 60);
}

std::string timeline(const Json& status) {
  std::string lines;
  for (const auto& step : status.at("steps")) {
    lines += fmt::format("  {:<18} {:<7} {:>12}  {}\n", text(step.at("name")), text(step.at("state")),
                         duration_text(step_ms(step, status)), text(step.at("detail")));
  }
  return lines;
}

std::string summary(const Json& status) {
  std::string lines = row("server", text(status.at("server")));
  if (text(status.at("id")).empty()) return lines + row("session", "none");
  const auto started = status.at("started").at("ms").get<std::int64_t>();
  const auto end = status.at("ended").is_null() ? now_ms(status) : status.at("ended").at("ms").get<std::int64_t>();
  lines += row("session", text(status.at("id")));
  lines += row("phase", fmt::format("{}, {}", text(status.at("phase")), duration_text(end - started)));
  lines += row("waits for", text(status.at("waiting_for")));
  if (const auto lease = status.value("lease", Json()); lease.is_object()) {
    lines += row("lease ends", text(lease.at("ends").at("at")));
  }
  lines += connection_rows(status);
  if (const auto ticket = status.value("ticket", Json()); ticket.is_object() && ticket.value("open", false)) {
    lines += row("ticket", fmt::format("open on port {}; `rescuectl ticket show`", ticket.at("port").get<unsigned>()));
    if (!ticket.at("asking").is_null()) lines += row("asks", visitor_text(ticket.at("asking")));
    for (const auto& visitor : ticket.at("connected")) lines += row("helper", visitor_text(visitor));
  }
  if (!status.at("failure").is_null()) lines += row("failed", failure_text(status.at("failure")));
  for (const auto& failure : status.at("rollback_failures")) lines += row("not undone", failure_text(failure));
  for (const auto& warning : status.at("warnings")) lines += row("warning", text(warning));
  return lines + "steps\n" + timeline(status);
}

void ProgressDisplay::write_line(const std::string& line) {
  if (line_open_) std::fputs("\r\033[K", stderr);
  line_open_ = false;
  std::fputs((line + "\n").c_str(), stderr);
}

bool ProgressDisplay::is_news(const Json& step) {
  const auto key = fmt::format("[{}@{}]", text(step.at("name")), step.at("started").at("ms").get<std::int64_t>());
  if (shown_steps_.find(key) != std::string::npos) return false;
  shown_steps_ += key;
  return true;
}

void ProgressDisplay::skip(const Json& status) {
  for (const auto& step : status.at("steps")) {
    if (text(step.at("state")) != "begun") (void)is_news(step);
  }
}

void ProgressDisplay::show(const Json& status) {
  const Json* current = nullptr;
  for (const auto& step : status.at("steps")) {
    if (text(step.at("state")) == "begun") {
      current = &step;
      continue;
    }
    if (!is_news(step)) continue;
    const auto state = text(step.at("state"));
    const auto detail = text(step.at("detail"));
    write_line(fmt::format("{:<18} {:>12}{}{}{}", text(step.at("name")), duration_text(step_ms(step, status)),
                           state == "failed" ? "  FAILED" : "", detail.empty() ? "" : "  ", detail));
  }
  if (current == nullptr || !terminal_) return;
  const auto waiting_for = text(status.at("waiting_for"));
  std::fputs(fmt::format("\r\033[K{:<18} {:>12}{}{}", text(current->at("name")),
                         duration_text(step_ms(*current, status)), waiting_for.empty() ? "" : "  waiting for ",
                         waiting_for)
                 .c_str(),
             stderr);
  std::fflush(stderr);
  line_open_ = true;
}

void ProgressDisplay::close() {
  if (line_open_) std::fputs("\r\033[K", stderr);
  line_open_ = false;
}

}  // namespace rescue::cli
