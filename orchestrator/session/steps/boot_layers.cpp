// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// restore-boot-mode: sets each layer of the boot decision back to the disk.
#include "orchestrator/session/steps/boot_layers.hpp"

#include "core/log.hpp"
#include "orchestrator/session/changes.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::session {
namespace {

std::string restore(SessionContext& context, ports::BootControl& layer) {
  const auto* snapshot = context.record.snapshot_of(layer.layer());
  return layer.restore_disk(snapshot == nullptr ? "" : snapshot->content, context.stop);
}

/// Retries: the control plane may be restarting.
std::string restore_until(SessionContext& context, ports::BootControl& layer, SteadyTime deadline) {
  Milliseconds wait{500};
  for (;;) {
    try {
      return restore(context, layer);
    } catch (const Error& error) {
      const bool worth_another = error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout;
      if (!worth_another || context.ports.clock.now() + wait >= deadline) {
        std::throw_with_nested(Error(ErrorCode::rollback_incomplete,
                                     fmt::format("the boot mode ({}) could not be set back to disk", layer.layer()),
                                     "When it answers again: rescuectl restore-boot"));
      }
      log::warning("{} did not accept the boot mode, retrying: {}", layer.layer(), error.what());
    }
    context.wait_for(layer.layer() + " to accept the boot mode");
    context.ports.clock.sleep_for(wait);  // during the undo only the deadline limits the wait
    wait = std::min(wait * 2, Milliseconds(8'000));
  }
}

/// Has no effect on the way in: the rescue's requester has set the layers.
class BootLayers final : public SessionStep {
public:
  explicit BootLayers(SessionContext& context)
      : SessionStep(context, std::nullopt, domain::StepName::restore_boot_mode) {}

  void undo() override {
    if (is_half_written(context().record)) {
      throw Error(ErrorCode::disk, "the server is not to start from a disk that is half written: the boot mode stays",
                  "Have the changes written: rescuectl finish --keep-changes. To start from the disk all the same: "
                  "rescuectl restore-boot");
    }
    const auto deadline = context().ports.clock.now() + context().settings.deadlines.boot_restore;
    std::string changes;
    std::exception_ptr first_failure;
    for (auto* layer : context().ports.boot_layers) {
      const auto* snapshot = context().record.snapshot_of(layer->layer());
      if (snapshot != nullptr && snapshot->unreadable) continue;
      try {
        const auto change = restore_until(context(), *layer, deadline);
        if (!change.empty()) changes += (changes.empty() ? "" : "; ") + change;
      } catch (const Error&) {
        if (!first_failure) first_failure = std::current_exception();
      }
    }
    note_undo(changes.empty() ? "nothing to change" : changes);
    if (first_failure) std::rethrow_exception(first_failure);
  }
};

}  // namespace

void remember_boot_layers(SessionContext& context) {
  auto& record = context.record;
  record.boot_snapshots.clear();
  for (auto* layer : context.ports.boot_layers) {
    try {
      record.boot_snapshots.push_back({layer->layer(), layer->snapshot(), false});
    } catch (const Error& error) {
      record.boot_snapshots.push_back({layer->layer(), {}, true});
      record.warn(fmt::format("{} does not answer, and will not be set back: {}", layer->layer(), error.what()));
    }
  }
}

std::string restore_boot_layers(SessionContext& context) {
  std::string changes;
  std::exception_ptr first_failure;
  for (auto* layer : context.ports.boot_layers) {
    try {
      const auto change = restore(context, *layer);
      changes += change.empty() ? layer->layer() + ": nothing to change\n" : change + "\n";
    } catch (const std::exception& error) {
      log::error("{}: {}", layer->layer(), report_of(error).one_line());
      if (!first_failure) first_failure = std::current_exception();
    }
  }
  if (first_failure) std::rethrow_exception(first_failure);
  return changes;
}

std::unique_ptr<walk::Step> boot_layers_step(SessionContext& context) { return std::make_unique<BootLayers>(context); }

}  // namespace rescue::session
