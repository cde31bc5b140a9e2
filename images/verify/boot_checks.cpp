// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Start of the guest, its agent, hostname, address, console and idle writes.
#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "images/verify/checks.hpp"
#include "images/verify/subject.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <set>

namespace rescue::verify {
namespace {

using nlohmann::json;

/// The end of what the guest wrote to its serial port, `most` bytes. A guest can write any amount.
std::string serial_end(const std::string& path, std::streamoff most) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - most));
  std::string text(static_cast<std::size_t>(std::min(size, most)), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Verdict not_booted(Subject& subject, std::string why) {
  if (subject.services().ended.empty()) subject.machine().take_screenshot(subject.scratch("screen.png"));
  constexpr std::streamoff shown = 600;
  const auto serial = trimmed(printable_lines(serial_end(subject.machine().serial_log(), shown), 2 * shown));
  if (!serial.empty()) why += "; the serial port ends with:\n" + serial;
  return failed(std::move(why));
}

/// First number of a version: "110.2.4" -> 110.
unsigned major_of(const std::string& version) {
  unsigned number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

}  // namespace

Verdict check_boot(Subject& subject) {
  const auto& services = subject.services();
  if (!services.ended.empty()) return not_booted(subject, "the machine ended while it started: " + services.ended);
  if (!services.any()) {
    return not_booted(
        subject, fmt::format("neither agent nor SSH nor RDP answered within {}", seconds_text(subject.limits().boot)));
  }
  auto first = Milliseconds::max();
  for (const auto& time : {services.agent, services.ssh, services.rdp}) first = std::min(first, time.value_or(first));
  return passed(fmt::format("the first service answered after {}", seconds_text(first)));
}

Verdict check_restarts(Subject& subject) {
  const auto restarts = subject.services().restarts;
  return restarts == 0 ? passed() : failed(fmt::format("it restarted {} times before its services answered", restarts));
}

Verdict check_agent(Subject& subject) {
  if (subject.manifest().profile.agent == "none") return not_applicable("the profile says that there is none");
  const auto& services = subject.services();
  if (services.agent) return passed("after " + seconds_text(*services.agent));
  return failed(
      fmt::format("it did not answer within {} after the first service", seconds_text(subject.limits().services)));
}

Verdict check_agent_commands(Subject& subject) {
  constexpr unsigned oldest = 5;  // guest-exec takes argument lists and output reliably; virtio-win's counts from 100
  constexpr std::array<std::string_view, 6> used{"guest-ping",        "guest-exec",
                                                 "guest-exec-status", "guest-set-user-password",
                                                 "guest-shutdown",    "guest-network-get-interfaces"};
  const auto info = subject.machine().agent().execute("guest-info");
  if (!info.is_object()) return failed("the answer to guest-info is invalid");
  const auto version = subject.machine().agent().version();
  if (major_of(version) < oldest) return failed(fmt::format("version {} is older than {}", version, oldest));
  std::set<std::string> enabled;
  for (const auto& command : info.value("supported_commands", json::array())) {
    if (command.is_object() && command.value("enabled", json()) == true && command.value("name", json()).is_string()) {
      enabled.insert(command["name"].get<std::string>());
    }
  }
  for (const auto command : used) {
    if (!enabled.contains(std::string(command))) return failed(fmt::format("{} is not available", command));
  }
  return passed(version);
}

Verdict check_hostname(Subject& subject) {
  const std::string hostname = "rescue-verify";
  auto argv = subject.manifest().profile.set_hostname;
  if (argv.empty()) return not_applicable("the profile has no command for it");
  for (auto& argument : argv) {
    const std::string placeholder = "{hostname}";
    if (const auto at = argument.find(placeholder); at != std::string::npos) {
      argument.replace(at, placeholder.size(), hostname);
    }
  }
  auto& agent = subject.machine().agent();
  const auto result = agent.run(argv, subject.limits().command);
  if (result.exit_code != 0)
    return failed(fmt::format("{} ended with {}: {}", argv[0], result.exit_code, trimmed(result.output)));
  // Windows uses a new name after a restart only.
  if (subject.kind() == Kind::windows) return passed();
  const auto answer = agent.execute("guest-get-host-name");
  const auto now = answer.is_object() ? answer.value("host-name", json()) : json();
  return now == hostname ? passed() : failed(fmt::format("it is {} afterwards", printable(now.dump(), 100)));
}

Verdict check_dhcp(Subject& subject) {
  const auto& services = subject.services();
  // Forwarded ports lead to the address that DHCP gives, and to no other.
  if (services.ssh || services.rdp) return passed(Subject::dhcp_address);
  if (!services.agent) return failed("no port answers at the address that DHCP gave");
  std::string found;
  for (const auto& card : subject.machine().agent().interfaces()) {
    for (const auto& address : card.addresses) {
      if (address.starts_with(std::string(Subject::dhcp_address) + "/")) return passed(address);
      found += (found.empty() ? "" : ", ") + address;
    }
  }
  return failed(fmt::format("DHCP gives {}, the guest has {}", Subject::dhcp_address, found.empty() ? "none" : found));
}

Verdict check_serial_console(Subject& subject) {
  const bool windows = subject.kind() == Kind::windows;
  const std::string_view prompt = windows ? "SAC>" : "login:";
  constexpr std::streamoff searched = 262'144;
  const auto text = serial_end(subject.machine().serial_log(), searched);
  return text.find(prompt) != std::string::npos ? passed() : failed(fmt::format("it never showed '{}'", prompt));
}

Verdict check_idle_writes(Subject& subject) {
  constexpr double most_a_second = 1'048'576;  // the throw-away disk is in memory: an hour of it fills 3.6 GB
  SystemClock clock;
  const auto before = subject.machine().traffic(0);
  (void)clock.sleep_for(subject.limits().idle);  // the measured time itself
  const auto after = subject.machine().traffic(0);
  const auto written = static_cast<double>(after.written - before.written);
  const auto rate = written / std::chrono::duration<double>(subject.limits().idle).count();
  const auto text = fmt::format("{:.1f} KiB/s over {}", rate / 1024, seconds_text(subject.limits().idle));
  return rate <= most_a_second ? passed(text) : failed(text);
}

}  // namespace rescue::verify
