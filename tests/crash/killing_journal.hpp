// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A journal that kills its process at a chosen write: for tests with real adapters and a real kill -9.

#include "orchestrator/ports/journal.hpp"

#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

namespace rescue::tests {

/// RESCUED_KILL="<step>:<state>:<before|after>", for example "take-network:done:before": after the effect and before
/// the journal has it. Read once; a rescued that is restarted without it is not killed.
template <class Inner>
class KillingJournal final : public ports::Journal {
public:
  template <class... Args>
  explicit KillingJournal(Args&&... args) : inner_(std::forward<Args>(args)...) {
    if (const char* point = std::getenv("RESCUED_KILL")) point_ = point;
  }

  void save(const domain::SessionRecord& record) override {
    kill_at(record, "before");
    inner_.save(record);
    kill_at(record, "after");
  }
  std::optional<domain::SessionRecord> load() override { return inner_.load(); }

private:
  void kill_at(const domain::SessionRecord& record, const char* when) const {
    for (const auto& step : record.steps) {
      const auto here = step.name + ":" + std::string(name_of(step.state)) + ":" + when;
      if (here == point_) ::raise(SIGKILL);
    }
  }

  Inner inner_;
  std::string point_;
};

}  // namespace rescue::tests
