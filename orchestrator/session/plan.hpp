// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plans a session from the server's properties and the operator's settings.

#include "orchestrator/session/context.hpp"

#include <string>
#include <vector>

namespace rescue::session {

/// The plan of a session; changes nothing. Throws what the ports throw, and `precondition` when the parts don't fit
/// together.
[[nodiscard]] domain::RescuePlan make_plan(Ports& ports, const domain::SessionSettings& settings);

/// The server's disks by the rules; one that can't be claimed now is left out with its reason. Throws what the ports
/// throw.
[[nodiscard]] domain::DiskSurvey survey_disks(Ports& ports, const domain::DiskRules& rules);

/// The disks as the guest gets them in this mode.
[[nodiscard]] std::vector<domain::GuestDisk> guest_disks(const std::vector<domain::Disk>& disks, domain::DiskMode mode);

/// Plan of a network takeover, without the control plane's addresses.
[[nodiscard]] domain::TakeoverPlan plan_takeover(Ports& ports, const domain::SessionSettings& settings, unsigned vcpus);

/// Addresses of the hosts, each once. Blocks as long as the resolver. Throws `network` when a name has none: the guest
/// could otherwise reach the control plane.
[[nodiscard]] std::vector<net::IpAddress> control_plane_addresses(Ports& ports,
                                                                  const domain::SessionSettings& settings);

/// MiB for the guest: the host's memory minus its reserve and the limit of files in memory (the image, the throw-away
/// disk), up to the ceiling. Throws `precondition` below 1024.
[[nodiscard]] unsigned guest_memory_mib(const ports::HostFacts& host, const domain::SessionSettings& settings,
                                        unsigned files_mib);

/// MiB of the host's memory that the image and its throw-away disk may take.
[[nodiscard]] unsigned memory_of_files_mib(Ports& ports, const domain::SessionSettings& settings,
                                           const domain::RescueImage& image);

/// vCPUs for the guest: all minus the host's share.
[[nodiscard]] unsigned guest_vcpus(const ports::HostFacts& host, const domain::SessionSettings& settings);

/// The address that customers use. Throws `precondition` when the NIC has no global IPv4 address.
[[nodiscard]] std::string primary_address(const domain::NetworkSnapshot& network);

/// A locally administered MAC made from the server's: unique on the host, equal in every plan, never on the wire.
[[nodiscard]] net::Mac derived_mac(const net::Mac& mac, std::uint8_t first_octet);

}  // namespace rescue::session
