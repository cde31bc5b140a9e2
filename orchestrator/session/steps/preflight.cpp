// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// preflight: reads the host's properties and the boot layers, and requires all checks to pass. Changes nothing.

#include "orchestrator/session/checks.hpp"
#include "orchestrator/session/request.hpp"
#include "orchestrator/session/steps/boot_layers.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"

namespace rescue::session {
namespace {

class Preflight final : public SessionStep {
public:
  explicit Preflight(SessionContext& context) : SessionStep(context, domain::StepName::preflight) {}

  void apply() override {
    wait_for_devices();
    remember_boot_layers(context());
    context().ports.images.select(image_wish(context().record.request));
    const auto checks = run_checks(context().ports, context().settings, context().record, context().stop);
    for (const auto& one : checks) {
      if (one.verdict != Verdict::warning) continue;
      context().record.warn(one.name + ": " + one.detail);
    }
    require_passed(checks);
  }

private:
  /// Just after the host's start, KVM's module may not be loaded yet, or a disk may be missing.
  void wait_for_devices() {
    constexpr Milliseconds limit{60'000};
    context().wait_for("the host's devices");
    if (context().ports.host.wait_for_devices(limit)) return;
    context().record.warn(
        "the host was still setting up devices after a minute: a disk may be missing (`rescuectl disks`)");
  }
};

}  // namespace

std::unique_ptr<walk::Step> preflight_step(SessionContext& context) { return std::make_unique<Preflight>(context); }

}  // namespace rescue::session
