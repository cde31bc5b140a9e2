// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The session's record as it is written to the journal, and read back by the next rescued.

#include "orchestrator/domain/session_record.hpp"

#include <nlohmann/json.hpp>

namespace rescue::domain {

[[nodiscard]] nlohmann::json journal_form(const SessionRecord& record);

/// The inverse, also for a journal of an older version. Throws nlohmann's exceptions and std::invalid_argument for what
/// no version has written.
[[nodiscard]] SessionRecord record_from_journal(const nlohmann::json& json);

}  // namespace rescue::domain
