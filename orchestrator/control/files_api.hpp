// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The control API's part for whoever copies files out of the server's volumes.

#include "orchestrator/control/api.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rescue::control {

/// Volumes that may be read now, and the SSH keys of the last request for a session. Throws `conflict` with the remedy
/// if none may.
[[nodiscard]] nlohmann::json files_json(const ApiBackend& api);

/// Member `files` of the status: `readable`, `why_not`, `note`.
[[nodiscard]] nlohmann::json file_access_json(const domain::SessionRecord& record);

}  // namespace rescue::control
