// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// report: completes the report on what the session changed, and logs the session's outcome in one line.

#include "core/log.hpp"
#include "orchestrator/session/before_and_after.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"

#include <fmt/format.h>

namespace rescue::session {
namespace {

/// "/dev/sda, partition 1: its boot sector was changed"
std::string line_of(const domain::Change& change) {
  if (change.disk.empty()) return change.text;
  if (change.partition == 0) return fmt::format("{}: {}", change.disk, change.text);
  return fmt::format("{}, partition {}: {}", change.disk, change.partition, change.text);
}

class Report final : public SessionStep {
public:
  explicit Report(SessionContext& context) : SessionStep(context, std::nullopt, domain::StepName::report) {}

  void undo() override {
    report_firmware(context());
    const auto& record = context().record;
    const auto* stopped = record.find(domain::StepName::stop_guest);
    log::info("session {} of {}: {}; guest: {}; warnings: {}; not undone: {}", record.id, record.server,
              record.failure ? "failed: " + record.failure->message : "done",
              stopped != nullptr && !stopped->detail.empty() ? "stopped by " + stopped->detail : "not stopped in order",
              record.warnings.size(), record.rollback_failures.size());
    if (!record.report) return;
    for (const auto& change : record.report->changes) log::info("changed: {}", line_of(change));
  }
};

}  // namespace

std::unique_ptr<walk::Step> report_step(SessionContext& context) { return std::make_unique<Report>(context); }

}  // namespace rescue::session
