// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The steps of a rescue session, one file each, and the two orders in which a session runs them.

#include "orchestrator/session/context.hpp"
#include "orchestrator/walk/walk.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rescue::session {

[[nodiscard]] std::unique_ptr<walk::Step> preflight_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> inventory_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> image_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> disks_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> network_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> guest_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> provisioning_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> proof_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> announcement_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> boot_layers_step(SessionContext& context);
[[nodiscard]] std::unique_ptr<walk::Step> report_step(SessionContext& context);

/// All steps, made for one walk. The context must outlive them.
class RescueSteps {
public:
  explicit RescueSteps(SessionContext& context);

  /// From preflight to the announcement.
  [[nodiscard]] walk::Steps way_in() const { return way_in_; }
  /// The only way out, after success and failure: first the guest, because it uses all the rest.
  [[nodiscard]] walk::Steps way_out() const { return way_out_; }

private:
  walk::Step* own(std::unique_ptr<walk::Step> step);

  std::vector<std::unique_ptr<walk::Step>> steps_;
  std::vector<walk::Step*> way_in_;
  std::vector<walk::Step*> way_out_;
};

}  // namespace rescue::session
