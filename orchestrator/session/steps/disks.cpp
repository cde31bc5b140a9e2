// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// claim-disks: holds the server's disks for the guest; settle-disks: flushes and releases them.
#include "orchestrator/session/steps/disks.hpp"

#include "orchestrator/session/before_and_after.hpp"
#include "orchestrator/session/changes.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"

#include <fmt/format.h>

namespace rescue::session {
namespace {

class ClaimDisks final : public SessionStep {
public:
  explicit ClaimDisks(SessionContext& context)
      : SessionStep(context, domain::StepName::claim_disks, domain::StepName::settle_disks) {}

  void apply() override {
    hold_disks(context().ports, context().record);
    record_before(context());
    const auto& plan = context().plan();
    note(fmt::format("{} held, {} left out", plan.guest.disks.size(), plan.excluded_disks.size()));
  }

  /// The holder may have ended with rescued.
  bool reapply() override {
    context().ports.claims.claim(hardware_of(context().plan().guest.disks));
    return true;
  }

  void undo() override {
    const auto* stopped = context().record.find(domain::StepName::stop_guest);
    if (stopped != nullptr && stopped->state == domain::StepState::failed) {
      throw Error(ErrorCode::disk, "the disks stay held: the guest may still be writing to them",
                  "End the guest (virsh destroy), then: rescuectl finish");
    }
    auto outcome = settle_changes(context());
    if (const auto found = report_disks(context()); !found.empty()) outcome += (outcome.empty() ? "" : "; ") + found;
    if (!outcome.empty()) note_undo(outcome);
    // Warns about a disk that fails, and continues: the server needs its other disks.
    for (const auto& problem : context().ports.claims.release()) {
      context().record.warn("disks: " + problem);
      note_undo(outcome + (outcome.empty() ? "" : "; ") + problem);
    }
  }
};

}  // namespace

void hold_disks(Ports& ports, domain::SessionRecord& record) {
  auto& plan = record.plan.value();
  const auto obstacles = ports.claims.obstacles(hardware_of(plan.guest.disks));
  for (const auto& obstacle : obstacles) {
    const bool kept_apart = plan.guest.disk_mode == domain::DiskMode::overlay;
    record.warn("disks: " + obstacle.detail + "; the rescue continues without it" +
                (kept_apart ? ", and what was written to it is kept apart" : ""));
  }
  for (const auto& obstacle : obstacles) {
    std::erase_if(plan.guest.disks, [&](const domain::GuestDisk& given) {
      if (given.disk.path != obstacle.path) return false;
      if (plan.guest.disk_mode == domain::DiskMode::overlay) plan.withdrawn_disks.push_back(given);
      return true;
    });
    plan.excluded_disks.push_back(obstacle);
  }
  ports.claims.claim(hardware_of(plan.guest.disks));
}

std::unique_ptr<walk::Step> disks_step(SessionContext& context) { return std::make_unique<ClaimDisks>(context); }

}  // namespace rescue::session
