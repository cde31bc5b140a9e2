// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/steps/steps.hpp"

namespace rescue::session {

RescueSteps::RescueSteps(SessionContext& context) {
  auto* disks = own(disks_step(context));
  auto* network = own(network_step(context));
  auto* guest = own(guest_step(context));
  way_in_ = {own(preflight_step(context)),
             own(inventory_step(context)),
             own(image_step(context)),
             disks,
             network,
             guest,
             own(provisioning_step(context)),
             own(proof_step(context)),
             own(announcement_step(context))};
  way_out_ = {guest, disks, network, own(boot_layers_step(context)), own(report_step(context))};
}

walk::Step* RescueSteps::own(std::unique_ptr<walk::Step> step) {
  steps_.push_back(std::move(step));
  return steps_.back().get();
}

}  // namespace rescue::session
