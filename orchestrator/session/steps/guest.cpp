// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// start-guest: runs the rescue VM with the server's disks; stop-guest: ends it and removes its throw-away disk.
#include "orchestrator/session/steps/guest.hpp"

#include "core/log.hpp"
#include "orchestrator/session/changes.hpp"
#include "orchestrator/session/identity.hpp"
#include "orchestrator/session/steps/disks.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"
#include "orchestrator/session/system_disk.hpp"

#include <fmt/format.h>

namespace rescue::session {
namespace {

class StartGuest final : public SessionStep {
public:
  explicit StartGuest(SessionContext& context)
      : SessionStep(context, domain::StepName::start_guest, domain::StepName::stop_guest) {}

  void apply() override {
    auto& guest = context().plan().guest;
    // Some time has passed: the held disks must still be those that were found.
    context().ports.claims.claim(hardware_of(guest.disks));
    if (const auto mib = context().plan().overlay_mib; mib > 0) {
      context().ports.host.provide_memory_folder(folder_of(guest.system_disk), mib);
    }
    context().ports.images.create_overlay(context().plan().image, guest.system_disk);
    const auto identity = guard_identity(context());
    make_overlays(context());
    guest.accelerator = context().ports.hypervisor.start(guest);
    note(fmt::format("{}, {} vCPUs, {} MiB, {}", name_of(guest.accelerator), guest.vcpus, guest.memory_mib, identity));
  }

  void undo() override {
    const auto& guest = context().plan().guest;
    if (context().graceful) stop_in_order();
    context().ports.hypervisor.destroy(guest.name);
    context().ports.images.discard_overlay(guest.system_disk);
    if (context().plan().overlay_mib > 0) context().ports.host.remove_memory_folder(folder_of(guest.system_disk));
  }

private:
  /// A guest that is paused can't shut down: waiting for it would take minutes for nothing.
  void stop_in_order() {
    const auto& guest = context().plan().guest;
    if (const auto obstacle = obstacle_of_system_disk(context()); !obstacle.empty() && is_paused(guest.name)) {
      log::warning("the guest is not shut down, because it is paused: {}", obstacle);
      note_undo("paused, ended without a shutdown");
      return;
    }
    context().wait_for("the guest to shut down");
    const auto& deadlines = context().settings.deadlines;
    const auto method = context().ports.hypervisor.stop(guest.name, {deadlines.agent_shutdown, deadlines.acpi_shutdown},
                                                        context().stop);
    note_undo(std::string(name_of(method)));
  }
  bool is_paused(const std::string& guest) {
    return context().ports.hypervisor.state(guest) == domain::GuestState::paused;
  }
};

/// QEMU reads the image when it starts: a guest that is restarted while the image can't be read would not run again.
void wait_for_image(SessionContext& context) {
  constexpr Milliseconds patience{120'000};
  constexpr Milliseconds pause{1'000};
  const auto deadline = context.ports.clock.now() + patience;
  for (;;) {
    const auto missing = context.ports.images.keep_available();
    if (missing.empty() || context.ports.clock.now() >= deadline) return;
    context.wait_for(fmt::format("the image: {}", missing));
    if (!context.ports.clock.sleep_for(pause, context.stop)) return;
  }
}

}  // namespace

void restart_guest(SessionContext& context) {
  auto& guest = context.plan().guest;
  context.ports.hypervisor.destroy(guest.name);
  wait_for_image(context);
  // The held disks must still be those that were found; a disk that died is removed.
  hold_disks(context.ports, context.record);
  // The bridge's settings of the tap may have disappeared with QEMU.
  context.ports.network.take_over(context.plan().network);
  guest.accelerator = context.ports.hypervisor.start(guest);
}

std::unique_ptr<walk::Step> guest_step(SessionContext& context) { return std::make_unique<StartGuest>(context); }

}  // namespace rescue::session
