// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/linux_host_network.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/timed.hpp"
#include "orchestrator/linux/network/local_dhcp.hpp"
#include "orchestrator/linux/network/netlink.hpp"
#include "orchestrator/linux/network/resolve.hpp"
#include "orchestrator/linux/network/survey.hpp"
#include "orchestrator/linux/network/takeover.hpp"

#include <fmt/format.h>

namespace rescue::linux {

LinuxHostNetwork::LinuxHostNetwork(std::string runtime_directory) : runtime_directory_(std::move(runtime_directory)) {}

domain::NetworkSnapshot LinuxHostNetwork::survey(const std::string& nic) {
  Netlink netlink;
  return survey_network(netlink, nic);
}

bool LinuxHostNetwork::address_is_leased(const domain::NetworkSnapshot& snapshot) {
  const auto* address = snapshot.primary_v4();
  return address != nullptr && address->valid_seconds != UINT32_MAX;
}

std::vector<net::IpAddress> LinuxHostNetwork::addresses_of(const std::string& host) { return addresses_of_host(host); }

void LinuxHostNetwork::check(const domain::TakeoverPlan& plan) {
  Netlink netlink;
  check_plan(netlink, plan);
}

void LinuxHostNetwork::take_over(const domain::TakeoverPlan& planned) {
  Netlink netlink;
  const auto plan = with_present_name(netlink, planned);
  LocalDhcp dhcp(runtime_directory_);
  check_plan(netlink, plan);
  const char* at = "";
  try {
    for (const auto& step : takeover_steps(netlink, dhcp, plan)) {
      at = step.name;
      const log::Timed line("network takeover: {}", step.name);
      step.apply();
    }
  } catch (const std::exception& error) {
    const auto cause = report_of(error);
    const auto problems = undo_takeover(netlink, dhcp, plan);
    for (const auto& problem : problems) log::error("restoring the network: {}", problem);
    const auto outcome = problems.empty()
                             ? "the network is as before"
                             : fmt::format("and not everything could be restored: {}", fmt::join(problems, "; "));
    std::throw_with_nested(
        Error(ErrorCode::network, fmt::format("the network takeover failed at '{}'; {}", at, outcome), cause.hint));
  }
}

void LinuxHostNetwork::release(const domain::TakeoverPlan& planned) {
  const log::Timed line("network released");
  Netlink netlink;
  const auto plan = with_present_name(netlink, planned);
  LocalDhcp dhcp(runtime_directory_);
  const auto problems = undo_takeover(netlink, dhcp, plan);
  if (problems.empty()) return;
  throw Error(ErrorCode::network, fmt::format("the network could not be restored: {}", fmt::join(problems, "; ")),
              "Run `rescuectl finish` again; `ip addr`, `ip route` and `nft list ruleset` show what is left.");
}

}  // namespace rescue::linux
