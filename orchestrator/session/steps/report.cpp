// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// report: logs the session's outcome in one line.

#include "core/log.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"

namespace rescue::session {
namespace {

class Report final : public SessionStep {
public:
  explicit Report(SessionContext& context) : SessionStep(context, std::nullopt, domain::StepName::report) {}

  void undo() override {
    const auto& record = context().record;
    const auto* stopped = record.find(domain::StepName::stop_guest);
    log::info("session {} of {}: {}; guest: {}; warnings: {}; not undone: {}", record.id, record.server,
              record.failure ? "failed: " + record.failure->message : "done",
              stopped != nullptr && !stopped->detail.empty() ? "stopped by " + stopped->detail : "not stopped in order",
              record.warnings.size(), record.rollback_failures.size());
  }
};

}  // namespace

std::unique_ptr<walk::Step> report_step(SessionContext& context) { return std::make_unique<Report>(context); }

}  // namespace rescue::session
