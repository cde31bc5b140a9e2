// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Groups of points that make up the contract; internal to this folder.

#include "images/prepared/contract.hpp"

#include <span>

namespace rescue::prepared {

/// Partition table, boot partition, one Windows.
[[nodiscard]] Points disk_points(const GuestFacts& facts);
/// Volume and hives are as a clean shutdown leaves them.
[[nodiscard]] Points volume_points(const GuestFacts& facts);
/// Files and versions of the drivers for virtual disks.
[[nodiscard]] Points driver_points(const GuestFacts& facts);
/// Numbers in the registry: services, settings, policies.
[[nodiscard]] Points registry_points(const GuestFacts& facts);
/// Firewall rules and the account of the administrator.
[[nodiscard]] Points access_points(const GuestFacts& facts);
/// The scheduled optimiser is off.
[[nodiscard]] Point optimiser_point(const GuestFacts& facts);

/// Keys that `registry_points` reads.
[[nodiscard]] std::vector<Key> registry_keys();

constexpr Key firewall_rules{"SYSTEM",
                             R"(CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules)"};
/// Account with the RID 500. Its value F has the flags.
constexpr Key built_in_administrator{"SAM", R"(SAM\Domains\Account\Users\000001F4)"};
constexpr Key rdp_listener{"SYSTEM", R"(CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp)"};
constexpr Key version_of_windows{"SOFTWARE", R"(Microsoft\Windows NT\CurrentVersion)"};
constexpr const char* optimiser_task = "System32/Tasks/Microsoft/Windows/Defrag/ScheduledDefrag";
constexpr std::string_view gpt_efi_system = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

}  // namespace rescue::prepared
