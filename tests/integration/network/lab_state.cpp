// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/network/lab.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

namespace rescue::linux::lab {
namespace {

/// Values that change by themselves: times, and numbers that the kernel assigns.
void normalise(Json& value) {
  static const std::set<std::string> passing = {
      "valid_life_time", "preferred_life_time", "ifindex", "expires", "link_index", "stats64", "handle",
      "gc_timer",        "link_failure_count"};
  if (value.is_object()) {
    for (const auto& name : passing) {
      if (value.contains(name)) value[name] = "-";
    }
  }
  if (value.is_structured()) {
    for (auto& part : value) normalise(part);
  }
}

enum class Order { counts, counts_on_each_link, counts_not };

std::string listing(const std::vector<std::string>& argv, Order order = Order::counts) {
  auto text = run_program(argv);
  auto json = Json::parse(text.empty() ? "[]" : text);
  normalise(json);
  if (order == Order::counts_on_each_link) {
    std::stable_sort(json.begin(), json.end(),
                     [](const Json& one, const Json& other) { return one.value("dev", "") < other.value("dev", ""); });
  }
  std::vector<std::string> lines;
  for (const auto& part : json) {
    // The switch made a forwarding entry without a state from a frame.
    if (part.value("state", std::string("none")).empty()) continue;
    lines.push_back(part.dump() + "\n");
  }
  if (order == Order::counts_not) std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, ""));
}

std::string settings_under(const std::string& folder) {
  std::set<std::string> lines;
  if (!std::filesystem::exists(folder)) return {};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    // Written by the kernel on each read, or not readable at all.
    if (!entry.is_regular_file() || entry.path().filename() == "stable_secret") continue;
    std::ifstream file(entry.path());
    const std::string value{std::istreambuf_iterator<char>(file), {}};
    lines.insert(entry.path().string() + " = " + value);
  }
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

std::string files_under(const std::string& folder) {
  std::set<std::string> names;
  if (!std::filesystem::exists(folder)) return {};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) names.insert(entry.path().string());
  std::string text;
  for (const auto& name : names) text += name + "\n";
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string differences(const std::string& before, const std::string& after) {
  if (before == after) return {};
  const auto was = lines_of(before);
  const auto is = lines_of(after);
  const std::multiset<std::string> first(was.begin(), was.end());
  const std::multiset<std::string> second(is.begin(), is.end());
  std::vector<std::string> lost;
  std::vector<std::string> gained;
  std::set_difference(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(lost));
  std::set_difference(second.begin(), second.end(), first.begin(), first.end(), std::back_inserter(gained));
  std::string text;
  for (const auto& line : lost) text += "- " + line + "\n";
  for (const auto& line : gained) text += "+ " + line + "\n";
  if (!text.empty()) return text;
  const auto [one, other] = std::mismatch(was.begin(), was.end(), is.begin(), is.end());
  return fmt::format("the same lines in another order, from:\n- {}\n+ {}\n", *one, *other);
}

/// True while a veth with a carrier has no operational state yet: the kernel gives it up to a second after the carrier.
bool links_are_becoming_operational() {
  const auto links = Json::parse(run_program({"ip", "-j", "link", "show", "up", "type", "veth"}));
  return std::any_of(links.begin(), links.end(), [](const Json& link) {
    const auto flags = link.value("flags", Json::array());
    const bool carries = std::find(flags.begin(), flags.end(), "LOWER_UP") != flags.end();
    return carries && link.value("operstate", "") == "UNKNOWN";
  });
}

}  // namespace

std::string state_of_server() {
  std::string state = "== links\n" + listing({"ip", "-j", "-d", "link"});
  state += "== addresses\n" + listing({"ip", "-j", "address"});
  state += "== routes\n" + listing({"ip", "-j", "-4", "route", "show", "table", "all"});
  // Every link has routes to fe80::/64 and ff00::/8; the link that got them last is last in the list.
  state += listing({"ip", "-j", "-6", "route", "show", "table", "all"}, Order::counts_on_each_link);
  state += "== nexthops\n" + listing({"ip", "-j", "nexthop"});
  state += "== rules\n" + listing({"ip", "-j", "-4", "rule"}) + listing({"ip", "-j", "-6", "rule"});
  state += "== forwarding\n" + listing({"bridge", "-j", "fdb"}, Order::counts_not);
  state += "== nftables\n" + run_program({"nft", "list", "ruleset"});
  state += "== settings\n";
  for (const char* folder : {"/proc/sys/net/bridge", "/proc/sys/net/ipv4/conf", "/proc/sys/net/ipv6/conf"}) {
    state += settings_under(folder);
  }
  for (const char* name : {"ip_local_port_range", "ip_local_reserved_ports", "ip_forward"}) {
    std::ifstream file(std::string("/proc/sys/net/ipv4/") + name);
    state += std::string(name) + " = " + std::string{std::istreambuf_iterator<char>(file), {}};
  }
  state += "== files\n" + files_under("/run/netns") + files_under(runtime_directory);
  return state;
}

std::string settled_state_of_server() {
  auto state = state_of_server();
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    auto next = state_of_server();
    if (next == state && !links_are_becoming_operational()) break;
    state = std::move(next);
  }
  return state;
}

std::string difference_that_stays(const std::string& before) {
  std::string difference;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  do {
    difference = differences(before, state_of_server());
  } while (!difference.empty() && std::chrono::steady_clock::now() < patience);
  return difference;
}

}  // namespace rescue::linux::lab
