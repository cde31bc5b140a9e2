// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON of the API: writes values, and reads bodies with errors that name the field.

#include "core/clock.hpp"
#include "core/document.hpp"
#include "netboot/boot/catalogue.hpp"
#include "netboot/domain/server_state.hpp"
#include "netboot/service/boot_modes.hpp"
#include "netboot/service/power.hpp"
#include "netboot/service/rescues.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// {"server", "mode", "lease"}; lease is null if there is none, or it was ended.
[[nodiscard]] nlohmann::json boot_mode_json(const ServerState& state, const LeaseLimits& limits, WallTime now);

/// {"boot_modes": [...]}
[[nodiscard]] nlohmann::json boot_modes_json(const Catalogue& catalogue);

/// Throws `usage` with "request body:line: field: problem".
[[nodiscard]] NewBmc bmc_from(const std::string& body);
/// Reads a BMC from part of a larger body; throws as `Field` does.
[[nodiscard]] NewBmc read_bmc(const Field& root);
/// Omits the password; null without a BMC.
[[nodiscard]] nlohmann::json bmc_json(const std::optional<BmcEndpoint>& bmc);

/// Throws `usage`; an empty body asks for the defaults.
[[nodiscard]] RescueOrder rescue_order_from(const std::string& body, Milliseconds longest_ttl);
/// Throws `usage`.
[[nodiscard]] LeaseExtension lease_extension_from(const std::string& body, Milliseconds longest_ttl);
[[nodiscard]] BootModeChange boot_mode_change_from(const std::string& body, Milliseconds longest_ttl,
                                                   const Catalogue& catalogue);

}  // namespace rescue::netboot::api
