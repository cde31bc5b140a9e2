// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the journal: stores the session across a crash.

#include "orchestrator/domain/session_record.hpp"

#include <optional>

namespace rescue::ports {

class Journal {
public:
  virtual ~Journal() = default;
  /// Saves the record. Durable when it returns, and atomic: a crash leaves the old record or the new one. Throws `io`.
  virtual void save(const domain::SessionRecord& record) = 0;
  /// Loads the last saved record; none if there never was one. Throws `io` if it can't be parsed.
  [[nodiscard]] virtual std::optional<domain::SessionRecord> load() = 0;
};

}  // namespace rescue::ports
