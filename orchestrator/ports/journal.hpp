// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role of the journal: the session's memory across a crash.

#include "orchestrator/domain/session_record.hpp"

#include <optional>

namespace rescue::ports {

class Journal {
public:
  virtual ~Journal() = default;
  /// Durable when it returns, and atomic: a crash leaves the old record or the new one. Throws `io`.
  virtual void save(const domain::SessionRecord& record) = 0;
  /// The last saved record, none when there was never one. Throws `io` when it is there and can't be understood.
  [[nodiscard]] virtual std::optional<domain::SessionRecord> load() = 0;
};

}  // namespace rescue::ports
