// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Boot object of a Redfish ComputerSystem (DSP0268): reads the setting, and makes the changes to send.

#include "netboot/bmc/bmc.hpp"
#include "netboot/bmc/redfish_quirks.hpp"

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace rescue::netboot {

/// True if `boot` shows what is set.
[[nodiscard]] bool tells_override(const nlohmann::json& boot);

/// Reads the setting, with the mode if it can be chosen. Throws `precondition` if `boot` shows no override.
[[nodiscard]] BootOverride boot_override_in(const nlohmann::json& boot);

/// The devices that `boot` lists as allowable.
[[nodiscard]] std::vector<BootDevice> boot_devices_in(const nlohmann::json& boot);
[[nodiscard]] bool knows_lasting(const nlohmann::json& boot);

/// The bodies {"Boot": {...}} that set `wanted`, to try in order until one is accepted. `boot` is the service's current
/// object, with its lists. Throws `precondition` if the device is not listed.
/// - Each has the mode, if the service shows one and lets it be chosen: without it some set it to Legacy.
/// - Services differ in whether Disabled needs a target, and whether it may have one.
/// - None has HttpBootUri: with UefiHttp, the firmware gets its URI by DHCP.
[[nodiscard]] std::vector<nlohmann::json> boot_changes(const nlohmann::json& boot, BootOverride wanted,
                                                       Firmware firmware, const RedfishQuirks& quirks);

}  // namespace rescue::netboot
