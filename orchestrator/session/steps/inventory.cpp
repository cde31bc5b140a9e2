// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// inventory: makes the session's plan, complete before anything is changed.

#include "orchestrator/session/plan.hpp"
#include "orchestrator/session/request.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"

#include <fmt/format.h>

namespace rescue::session {
namespace {

class Inventory final : public SessionStep {
public:
  explicit Inventory(SessionContext& context) : SessionStep(context, domain::StepName::inventory) {}

  void apply() override {
    // rescued may be another process than the one that ran the step before.
    context().ports.images.select(image_wish(context().record.request));
    context().record.plan = make_plan(context().ports, context().settings, context().record.id);
    const auto& plan = context().plan();
    require_image(context().record.request, plan.image);
    note(fmt::format("{} disk{}, {} on {}", plan.guest.disks.size(), plan.guest.disks.size() == 1 ? "" : "s",
                     primary_address(plan.network.original), plan.network.original.nic));
  }
};

}  // namespace

std::unique_ptr<walk::Step> inventory_step(SessionContext& context) { return std::make_unique<Inventory>(context); }

}  // namespace rescue::session
