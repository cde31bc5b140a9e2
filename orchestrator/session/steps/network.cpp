// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// take-network: gives the server's NIC, address and MAC to the guest; release-network: restores the host's network.

#include "orchestrator/session/checks.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"

namespace rescue::session {
namespace {

class TakeNetwork final : public SessionStep {
public:
  explicit TakeNetwork(SessionContext& context)
      : SessionStep(context, domain::StepName::take_network, domain::StepName::release_network) {}

  /// A dead man guards the switch: a host that loses its control plane goes back at once.
  void apply() override {
    context().ports.network.take_over(context().plan().network);
    if (context().ports.control_plane.name().empty()) return;
    constexpr Milliseconds limit{15'000};
    try {
      require_control_plane(context().ports, limit, context().stop);
    } catch (const Error&) {
      std::throw_with_nested(Error(ErrorCode::network, "the control plane can't be reached any more after the takeover",
                                   "Is network.control_ports filtered between the server and the control plane?"));
    }
  }

  /// Repeats the takeover: parts of it may be missing after a crash.
  bool reapply() override {
    context().ports.network.take_over(context().plan().network);
    return true;
  }

  void undo() override { context().ports.network.release(context().plan().network); }
};

}  // namespace

std::unique_ptr<walk::Step> network_step(SessionContext& context) { return std::make_unique<TakeNetwork>(context); }

}  // namespace rescue::session
