// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The session's record in the form of the journal, from which the next rescued reads it.

#include "orchestrator/domain/session_record.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rescue::domain {

[[nodiscard]] nlohmann::json journal_form(const SessionRecord& record);

/// Inverse of the above, for older versions too. Throws nlohmann's exceptions and std::invalid_argument for content
/// that no version has written.
[[nodiscard]] SessionRecord record_from_journal(const nlohmann::json& json);

}  // namespace rescue::domain
