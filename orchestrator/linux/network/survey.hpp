// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the host's network is before a takeover: all that release needs to know, and nothing guessed.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/netlink.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::linux {

/// See HostNetwork::survey.
[[nodiscard]] domain::NetworkSnapshot survey_network(Netlink& netlink, const std::string& nic);

/// The settings that a takeover of `nic` changes, by their path under /proc/sys.
[[nodiscard]] std::vector<std::string> changed_settings(const std::string& nic);

/// The name servers of a resolv.conf, each once, but for those on the host itself, which nobody else can ask.
[[nodiscard]] std::vector<net::IpAddress> parse_resolv_conf(std::string_view text);

}  // namespace rescue::linux
