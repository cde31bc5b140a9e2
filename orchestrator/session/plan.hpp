// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plans a session from the server's properties and the operator's settings.

#include "orchestrator/session/context.hpp"

#include <string>
#include <vector>

namespace rescue::session {

/// The plan of a session; changes nothing. Throws what the ports throw, and `precondition` when the parts don't fit
/// together. `session`: its id; none yet: of a plan that is only shown.
[[nodiscard]] domain::RescuePlan make_plan(Ports& ports, const domain::SessionSettings& settings,
                                           const std::string& session = {});

/// The server's disks by the rules; one that can't be claimed now is left out with its reason. Throws what the ports
/// throw.
[[nodiscard]] domain::DiskSurvey survey_disks(Ports& ports, const domain::DiskRules& rules);

/// The disks as the guest gets them by these settings.
[[nodiscard]] std::vector<domain::GuestDisk> guest_disks(const std::vector<domain::Disk>& disks,
                                                         const domain::SessionSettings& settings,
                                                         const std::string& session = {});

/// Folder of the overlays of the server's disks, with nothing else in it. In a folder of the operator's each session
/// has its own.
[[nodiscard]] std::string changes_folder(const domain::SessionSettings& settings, const std::string& session = {});

/// Plan of a network takeover, without the control plane's addresses.
[[nodiscard]] domain::TakeoverPlan plan_takeover(Ports& ports, const domain::SessionSettings& settings, unsigned vcpus);

/// Addresses of the hosts, each once. Blocks as long as the resolver. Throws `network` when a name has none: the guest
/// could otherwise reach the control plane.
[[nodiscard]] std::vector<net::IpAddress> control_plane_addresses(Ports& ports,
                                                                  const domain::SessionSettings& settings);

/// The host's memory, divided, in MiB. What the guest's ceiling leaves over is nobody's.
struct MemoryPlan {
  unsigned total_mib = 0;
  unsigned host_mib = 0;     ///< reserve of the host
  unsigned image_mib = 0;    ///< files of the image; 0: on a disk
  unsigned overlay_mib = 0;  ///< the guest's throw-away disk; 0: on a disk
  unsigned guest_mib = 0;
  unsigned changes_mib = 0;  ///< overlays of the server's disks; 0: there are none, or they lie on a disk
};

/// Divides the host's memory: the guest gets what the others leave, up to its ceiling. Throws `precondition` if that is
/// below 1024.
[[nodiscard]] MemoryPlan plan_memory(Ports& ports, const domain::SessionSettings& settings,
                                     const domain::RescueImage& image);

/// "32768 MiB: 22528 for the guest, 2048 for the host, ..."
[[nodiscard]] std::string text_of(const MemoryPlan& plan);

/// Throws `precondition` if the guest would have less memory than its image needs.
void require_memory(const domain::RescueImage& image, unsigned guest_memory_mib);

/// vCPUs for the guest: all minus the host's share.
[[nodiscard]] unsigned guest_vcpus(const ports::HostFacts& host, const domain::SessionSettings& settings);

/// The address that customers use. Throws `precondition` when the NIC has no global IPv4 address.
[[nodiscard]] std::string primary_address(const domain::NetworkSnapshot& network);

/// A locally administered MAC made from the server's: unique on the host, equal in every plan, never on the wire.
[[nodiscard]] net::Mac derived_mac(const net::Mac& mac, std::uint8_t first_octet);

}  // namespace rescue::session
