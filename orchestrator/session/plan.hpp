// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// From what the server has and what the operator set to what a session will do.

#include "orchestrator/session/context.hpp"

#include <string>
#include <vector>

namespace rescue::session {

/// Everything a session is going to do, without doing any of it. Throws as the ports do, and `precondition` when the
/// parts don't fit together.
[[nodiscard]] domain::RescuePlan make_plan(Ports& ports, const domain::SessionSettings& settings);

/// The server's disks by the rules; what can't be claimed now is left out with its reason. Throws as the ports do.
[[nodiscard]] domain::DiskSurvey survey_disks(Ports& ports, const domain::DiskRules& rules);

/// The disks as a guest is given them in this mode.
[[nodiscard]] std::vector<domain::GuestDisk> guest_disks(const std::vector<domain::Disk>& disks, domain::DiskMode mode);

/// What a takeover of the network will do; without the control plane's addresses.
[[nodiscard]] domain::TakeoverPlan plan_takeover(Ports& ports, const domain::SessionSettings& settings, unsigned vcpus);

/// Each once. Blocks for as long as the resolver does. Throws `network` when a name has none: without them the guest
/// could speak with the control plane.
[[nodiscard]] std::vector<net::IpAddress> control_plane_addresses(Ports& ports,
                                                                  const domain::SessionSettings& settings);

/// MiB for the guest: the host's memory less its reserve and less what files in memory (the image, the throw-away disk)
/// can come to take, under the ceiling. Throws `precondition` below 1024.
[[nodiscard]] unsigned guest_memory_mib(const ports::HostFacts& host, const domain::SessionSettings& settings,
                                        unsigned files_mib);

/// What the image and the throw-away disk over it can come to take of the host's memory, in MiB.
[[nodiscard]] unsigned memory_of_files_mib(Ports& ports, const domain::SessionSettings& settings,
                                           const domain::RescueImage& image);

/// vCPUs for the guest: all less the host's share.
[[nodiscard]] unsigned guest_vcpus(const ports::HostFacts& host, const domain::SessionSettings& settings);

/// The address that customers use. Throws `precondition` when the NIC has no global IPv4 address.
[[nodiscard]] std::string primary_address(const domain::NetworkSnapshot& network);

/// A locally administered MAC made from the server's: unique on the host, the same in every plan, never on the wire.
[[nodiscard]] net::Mac derived_mac(const net::Mac& mac, std::uint8_t first_octet);

}  // namespace rescue::session
