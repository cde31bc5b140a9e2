// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/console_screen.hpp"

#include "contract/session.hpp"
#include "core/handle.hpp"
#include "core/net/prefix.hpp"
#include "orchestrator/cli/ticket_view.hpp"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace rescue::cli {
namespace {

using Json = nlohmann::json;
using contract::Phase;

constexpr std::size_t columns = 79;  // 80 would make the console wrap and draw an empty row
constexpr std::size_t rows = 24;

std::string text(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string{}; }

/// Replaces control characters: text of a guest or a BMC could move the cursor.
std::string printable(std::string line) {
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return line;
}

class Screen {
public:
  void line(const std::string& content = {}) { lines_.push_back(printable(content).substr(0, columns)); }

  /// Adds rows "  name      text"; breaks the text at blanks.
  void row(std::string_view name, const std::string& content) {
    if (content.empty()) return;
    constexpr std::size_t indent = 14;
    auto rest = std::string_view(content);
    auto label = fmt::format("  {:<12}", name);
    while (!rest.empty()) {
      auto length = std::min(rest.size(), columns - indent);
      if (length < rest.size()) {
        const auto blank = rest.substr(0, length + 1).rfind(' ');
        if (blank != std::string_view::npos && blank > 0) length = blank;
      }
      line(label + std::string(rest.substr(0, length)));
      rest.remove_prefix(length);
      while (rest.starts_with(' ')) rest.remove_prefix(1);
      label = std::string(indent, ' ');
    }
  }

  void heading(const std::string& words) {
    line();
    line(" " + words);
  }

  [[nodiscard]] std::string content() const {
    std::string all;
    const auto shown = std::min(lines_.size(), rows);
    for (std::size_t at = 0; at < shown; ++at) all += lines_[at] + "\n";
    return all;
  }

private:
  std::vector<std::string> lines_;
};

/// Time of day of an RFC 3339 time: "12:03:04 UTC".
std::string clock_text(const Json& time) {
  const auto full = time.is_object() ? text(time.at("at")) : std::string{};
  const auto at = full.find('T');
  return at == std::string::npos ? full : full.substr(at + 1, 8) + " UTC";
}

bool network_is_taken(const Json& status) {
  const auto& steps = status.at("steps");
  return std::any_of(steps.begin(), steps.end(), [](const Json& step) {
    return text(step.at("name")) == "take-network" && text(step.at("state")) != "undone";
  });
}

void add_state(Screen& screen, const Json& status) {
  const auto phase = text(status.at("phase"));
  const auto& since = status.at(status.at("ended").is_null() ? "started" : "ended");
  screen.row("phase", phase == name_of(Phase::idle) ? "idle: no session" : phase + ", since " + clock_text(since));
  if (phase != name_of(Phase::serving)) {
    for (const auto& step : status.at("steps")) {
      if (text(step.at("state")) != "begun") continue;
      const auto waiting_for = text(status.at("waiting_for"));
      screen.row("step", text(step.at("name")) + (waiting_for.empty() ? "" : ", waiting for " + waiting_for));
    }
  }
  if (const auto lease = status.value("lease", Json()); lease.is_object()) {
    screen.row("lease", "ends " + text(lease.at("ends").at("at")));
  }
  const auto& control_plane = status.at("control_plane");
  const auto state = text(control_plane.at("state"));
  const auto problem = text(control_plane.at("problem"));
  screen.row("provider",
             state == "none" ? "not connected: no control plane" : state + (problem.empty() ? "" : ": " + problem));
  screen.row("", text(control_plane.at("hint")));
}

void add_connection(Screen& screen, const Json& status) {
  const auto& connection = status.at("connection");
  if (text(status.at("phase")) != name_of(Phase::serving) || !connection.is_object()) return;
  const auto address = text(connection.at("address"));
  screen.heading("HOW TO CONNECT");
  screen.row("ssh", text(connection.at("user")) + "@" + address);
  screen.row("", text(connection.at("ssh_host_key")));
  screen.row("rdp", address + " as " + text(connection.at("user")));
  screen.row("", text(connection.at("rdp_certificate")));
  const auto& announced = status.at("announced");
  screen.row("password", announced.is_object()
                             ? "given to " + text(announced.at("to")) + ", " + clock_text(announced.at("at"))
                             : "given to nobody yet; to get one: rescuectl credentials rotate");
}

void add_ticket(Screen& screen, const Json& status) {
  const auto ticket = status.value("ticket", Json());
  if (!ticket.is_object() || !ticket.value("open", false)) return;
  screen.heading("HELPDESK");
  const auto number = text(ticket.value("number", Json()));
  screen.row("ticket", (number.empty() ? "open" : number) + ", port " + std::to_string(ticket.value("port", 0U)));
  const auto asking = ticket.value("asking", Json());
  if (asking.is_object()) {
    screen.row("ASKS NOW", visitor_text(asking) + ", until " + clock_text(asking.at("until")));
    screen.row("", "rescuectl ticket answer yes    or    rescuectl ticket answer no");
  }
  for (const auto& visitor : ticket.at("connected")) {
    screen.row("is in", visitor_text(visitor) + "; to end it: rescuectl ticket end");
  }
}

void add_failure(Screen& screen, const Json& failure, const char* what) {
  if (!failure.is_object()) return;
  const auto step = text(failure.at("step"));
  screen.heading(what);
  screen.row("what", (step.empty() ? "" : step + ": ") + text(failure.at("message")));
  screen.row("what to do", text(failure.at("hint")));
}

void add_ways_on(Screen& screen, const Json& status) {
  const auto phase = text(status.at("phase"));
  const bool by_hand =
      phase == name_of(Phase::idle) || phase == name_of(Phase::failed) || phase == name_of(Phase::finished);
  screen.heading("ON A SHELL (Alt+F2)");
  screen.row(by_hand ? "begin" : "follow", by_hand ? "rescuectl start --wait" : "rescuectl status --watch");
  screen.row("end", phase == name_of(Phase::idle) ? "reboot" : "rescuectl finish --then reboot");
  screen.row("check", "rescuectl doctor");
}

}  // namespace

std::string console_screen(const Json& status, const std::vector<std::string>& addresses, bool guest_is_shown) {
  Screen screen;
  screen.line();
  screen.line(" RESCUE SYSTEM                                                  rescue " RESCUE_VERSION);
  screen.line(" " + std::string(columns - 2, '='));
  if (!status.is_object()) {
    screen.row("rescued", "does not answer (yet); see `journalctl -u rescued` on a shell (Alt+F2)");
    screen.row("address", fmt::format("{}", fmt::join(addresses, "  ")));
    return screen.content();
  }
  screen.row("server", text(status.at("server")));
  const auto shown = std::vector<std::string>(addresses.begin(),
                                              addresses.begin() + std::min<std::ptrdiff_t>(3, std::ssize(addresses)));
  screen.row("address", fmt::format("{}", fmt::join(shown, "  ")));
  if (network_is_taken(status)) screen.row("", "The rescue VM has this address now, not this system.");
  add_state(screen, status);
  if (guest_is_shown) {
    screen.row("rescue VM", fmt::format("its screen: Alt+F{}; back to this one: Ctrl+Alt+F1", guest_terminal));
  }
  add_connection(screen, status);
  add_ticket(screen, status);
  for (const auto& failure : status.at("rollback_failures"))
    add_failure(screen, failure, "NOT UNDONE: AN OPERATOR IS NEEDED");
  if (status.at("rollback_failures").empty()) add_failure(screen, status.at("failure"), "THE SESSION FAILED");
  if (text(status.at("phase")) == name_of(Phase::failed) && status.at("rollback_failures").empty()) {
    screen.row("undone", "everything is as it was before the session");
  }
  for (const auto& warning : status.at("warnings")) screen.row("warning", text(warning));
  add_ways_on(screen, status);
  return screen.content();
}

bool guest_is_on_screen() {
  // Socket of the X server that draws it: unit rescue-screen-server removes its folder when it ends.
  std::error_code ignored;
  return std::filesystem::is_socket("/run/rescue-screen/x11/X0", ignored);
}

std::vector<std::string> host_addresses() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  const Handle<ifaddrs, ::freeifaddrs> owned(all);
  const auto link_local = net::Prefix::parse("fe80::/10");
  std::vector<std::string> v4;
  std::vector<std::string> v6;
  for (const auto* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0) continue;
    const auto address = net::IpAddress::of_socket(one->ifa_addr);
    if (!address || link_local.contains(*address)) continue;
    (address->is_v4() ? v4 : v6).push_back(address->text());
  }
  v4.insert(v4.end(), v6.begin(), v6.end());
  return v4;
}

}  // namespace rescue::cli
