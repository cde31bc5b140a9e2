// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Boot object of a Redfish ComputerSystem (DSP0268): what is set, and what is sent to change it.

#include "netboot/bmc/bmc.hpp"
#include "netboot/bmc/redfish_quirks.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace rescue::netboot {

/// Whether `boot` says what is set.
[[nodiscard]] bool tells_override(const nlohmann::json& boot);

/// What `boot` says; with the mode where it can be chosen. Throws `precondition` when it says nothing of an override.
[[nodiscard]] BootOverride boot_override_in(const nlohmann::json& boot);

/// The devices that `boot` lists as possible.
[[nodiscard]] std::vector<BootDevice> boot_devices_in(const nlohmann::json& boot);
[[nodiscard]] bool knows_lasting(const nlohmann::json& boot);

/// The bodies {"Boot": {...}} by which `wanted` is set, one after the other until one is taken. `boot` is what the
/// service lists and has now. Throws `precondition` when the device is not among what it lists.
/// - The mode is in each, where the service shows one and lets it be chosen: without it some set it to Legacy.
/// - Services differ in whether Disabled needs a target, and whether it may be there.
/// - HttpBootUri is never written: where UefiHttp is set, the firmware finds its URI by DHCP.
[[nodiscard]] std::vector<nlohmann::json> boot_changes(const nlohmann::json& boot, BootOverride wanted,
                                                       Firmware firmware, const RedfishQuirks& quirks);

}  // namespace rescue::netboot
