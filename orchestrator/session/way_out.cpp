// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "orchestrator/session/steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rescue::session {
namespace {

using domain::StepName;

void stop_guest(SessionContext& context) {
  const auto& guest = context.plan().guest;
  if (context.graceful) {
    context.wait_for("the guest to shut down");
    const auto& deadlines = context.settings.deadlines;
    const auto method =
        context.ports.hypervisor.stop(guest.name, {deadlines.agent_shutdown, deadlines.acpi_shutdown}, context.stop);
    context.note(StepName::stop_guest, std::string(name_of(method)));
  }
  context.ports.hypervisor.destroy(guest.name);
  context.ports.images.discard_overlay(guest.system_disk);
}

void settle_disks(SessionContext& context) {
  const auto* stopped = context.record.find(StepName::stop_guest);
  if (stopped != nullptr && stopped->state == domain::StepState::failed) {
    throw Error(ErrorCode::disk, "the disks stay held: the guest may still be writing to them",
                "End the guest (virsh destroy), then: rescuectl finish");
  }
  // A disk that fails is the customer's to know, and no reason to keep the server from its other disks.
  for (const auto& problem : context.ports.claims.release()) {
    log::warning("{}", problem);
    context.record.warnings.push_back("disks: " + problem);
    context.note(StepName::settle_disks, problem);
  }
}

void release_network(SessionContext& context) { context.ports.network.release(context.plan().network); }

/// Sets one layer back; the control plane may be restarting, so more than once.
std::string restore_layer(SessionContext& context, ports::BootControl& layer, SteadyTime deadline) {
  Milliseconds pause{500};
  for (;;) {
    try {
      const auto* snapshot = context.record.snapshot_of(layer.layer());
      return layer.restore_disk(snapshot == nullptr ? "" : snapshot->content, context.stop);
    } catch (const Error& error) {
      const bool worth_another = error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout;
      if (!worth_another || context.ports.clock.now() + pause >= deadline) {
        std::throw_with_nested(Error(ErrorCode::rollback_incomplete,
                                     fmt::format("the boot mode ({}) could not be set back to disk", layer.layer()),
                                     "When it answers again: rescuectl restore-boot"));
      }
      log::warning("{} did not take the boot mode, trying again: {}", layer.layer(), error.what());
    }
    context.wait_for(layer.layer() + " to take the boot mode");
    context.ports.clock.sleep_for(pause);  // on the way out nothing hurries but the deadline
    pause = std::min(pause * 2, Milliseconds(8'000));
  }
}

void restore_boot_mode(SessionContext& context) {
  const auto deadline = context.ports.clock.now() + context.settings.deadlines.boot_restore;
  std::string changes;
  std::exception_ptr first_failure;
  for (auto* layer : context.ports.boot_layers) {
    const auto* snapshot = context.record.snapshot_of(layer->layer());
    if (snapshot != nullptr && snapshot->unreadable) continue;
    try {
      const auto change = restore_layer(context, *layer, deadline);
      if (!change.empty()) changes += (changes.empty() ? "" : "; ") + change;
    } catch (const Error&) {
      if (!first_failure) first_failure = std::current_exception();
    }
  }
  context.note(StepName::restore_boot_mode, changes.empty() ? "nothing to change" : changes);
  if (first_failure) std::rethrow_exception(first_failure);
}

void report(SessionContext& context) {
  const auto& record = context.record;
  const auto* stopped = record.find(StepName::stop_guest);
  log::info("session {} of {}: {}; guest: {}; warnings: {}; not undone: {}", record.id, record.server,
            record.failure ? "failed: " + record.failure->message : "done",
            stopped != nullptr && !stopped->detail.empty() ? "stopped by " + stopped->detail : "not stopped in order",
            record.warnings.size(), record.rollback_failures.size());
}

constexpr std::array<ExitStep, 5> steps{{{StepName::stop_guest, StepName::start_guest, stop_guest},
                                         {StepName::settle_disks, StepName::claim_disks, settle_disks},
                                         {StepName::release_network, StepName::take_network, release_network},
                                         {StepName::restore_boot_mode, std::nullopt, restore_boot_mode},
                                         {StepName::report, std::nullopt, report}}};

}  // namespace

std::span<const ExitStep> way_out() { return steps; }

}  // namespace rescue::session
