// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Boot object of a Redfish ComputerSystem (DSP0268): what is set, and what is sent to change it.

#include "netboot/bmc/bmc.hpp"
#include "netboot/bmc/redfish_quirks.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace rescue::netboot {

/// What `boot` says. Throws `precondition` when it says nothing of an override.
[[nodiscard]] BootOverride boot_override_in(const nlohmann::json& boot);

/// The devices that `boot` lists as possible.
[[nodiscard]] std::vector<BootDevice> boot_devices_in(const nlohmann::json& boot);
[[nodiscard]] bool knows_lasting(const nlohmann::json& boot);

/// {"Boot": {...}} to send so that `wanted` is set. `boot` is what it lists and has now. Throws `precondition` when the
/// device is not among what it lists.
[[nodiscard]] nlohmann::json boot_change(const nlohmann::json& boot, BootOverride wanted, Firmware firmware,
                                         const RedfishQuirks& quirks);

}  // namespace rescue::netboot
