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

/// What passes by itself: time, and the numbers that the kernel gives out.
void normalise(Json& value) {
  static const std::set<std::string> passing = {
      "valid_life_time", "preferred_life_time", "ifindex", "expires", "link_index", "stats64", "handle", "gc_timer"};
  if (value.is_object()) {
    for (const auto& name : passing) {
      if (value.contains(name)) value[name] = "-";
    }
  }
  if (value.is_structured()) {
    for (auto& part : value) normalise(part);
  }
}

std::string listing(const std::vector<std::string>& argv, bool order_counts = true) {
  auto text = run_program(argv);
  auto json = Json::parse(text.empty() ? "[]" : text);
  normalise(json);
  std::vector<std::string> lines;
  for (const auto& part : json) {
    // A forwarding entry without a state was learnt from a frame that passed.
    if (part.value("state", std::string("none")).empty()) continue;
    lines.push_back(part.dump() + "\n");
  }
  if (!order_counts) std::sort(lines.begin(), lines.end());
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

std::string differences(const std::string& before, const std::string& after) {
  const auto lines_of = [](const std::string& text) {
    std::istringstream lines(text);
    std::multiset<std::string> set;
    for (std::string line; std::getline(lines, line);) set.insert(line);
    return set;
  };
  const auto first = lines_of(before);
  const auto second = lines_of(after);
  std::vector<std::string> lost;
  std::vector<std::string> gained;
  std::set_difference(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(lost));
  std::set_difference(second.begin(), second.end(), first.begin(), first.end(), std::back_inserter(gained));
  std::string text;
  for (const auto& line : lost) text += "- " + line + "\n";
  for (const auto& line : gained) text += "+ " + line + "\n";
  return text.empty() && before != after ? "the same lines in another order" : text;
}

}  // namespace

std::string state_of_server() {
  std::string state = "== links\n" + listing({"ip", "-j", "-d", "link"});
  state += "== addresses\n" + listing({"ip", "-j", "address"});
  state += "== routes\n" + listing({"ip", "-j", "-4", "route", "show", "table", "all"});
  state += listing({"ip", "-j", "-6", "route", "show", "table", "all"});
  state += "== nexthops\n" + listing({"ip", "-j", "nexthop"});
  state += "== rules\n" + listing({"ip", "-j", "rule"});
  state += "== forwarding\n" + listing({"bridge", "-j", "fdb"}, false);
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
  for (int attempt = 0; attempt < 50; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    auto next = state_of_server();
    if (next == state) break;
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
