// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The session's record as the control API shows it: docs/control-api.md.

#include "orchestrator/domain/session_record.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rescue::control {

[[nodiscard]] nlohmann::json status_form(const domain::SessionRecord& record);

}  // namespace rescue::control
