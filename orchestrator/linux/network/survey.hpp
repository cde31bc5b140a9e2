// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// State of the host's network before a takeover: all that release needs, without guesses.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/netlink.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::linux {

/// See HostNetwork::survey.
[[nodiscard]] domain::NetworkSnapshot survey_network(Netlink& netlink, const std::string& nic);

/// Settings that a takeover of `nic` changes, by their path under /proc/sys.
[[nodiscard]] std::vector<std::string> changed_settings(const std::string& nic);

/// Name servers of a resolv.conf, each once, without those on the host itself, which other machines can't use.
[[nodiscard]] std::vector<net::IpAddress> parse_resolv_conf(std::string_view text);

}  // namespace rescue::linux
