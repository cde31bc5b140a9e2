// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Recovery after a crash of this process: the VM kept running, and the journal has the session's progress.

#include "core/log.hpp"
#include "orchestrator/session/changes.hpp"
#include "orchestrator/session/guest_setup.hpp"
#include "orchestrator/session/request.hpp"
#include "orchestrator/session/rescue_session.hpp"
#include "orchestrator/session/steps/steps.hpp"
#include "orchestrator/session/system_disk.hpp"

#include <fmt/format.h>

namespace rescue::session {

using domain::GuestState;
using domain::Phase;
using domain::StepName;

void RescueSession::recover(const std::stop_token& stop) {
  auto loaded = ports_.journal.load();
  if (!loaded) return;
  record_ = *std::move(loaded);
  settings_ = with_request(configured_, record_.request);
  show();
  if (!record_.active()) {
    if (!record_.may_be_in_effect(StepName::start_guest)) release_image();
    return end_host_that_was_to_end();
  }

  if (!record_.boot_id.empty() && record_.boot_id != ports_.host.boot_id()) return end_session_of_another_boot();
  ++record_.resumes;
  const std::string step = record_.in_progress() != nullptr ? record_.in_progress()->name : "";
  log::warning("resuming session {}, which was {} ({})", record_.id, name_of(record_.phase),
               step.empty() ? "between steps" : step);
  if (record_.phase == Phase::finishing) {
    // Every step of the undo is idempotent: runs it from its start. The guest had its time to shut down.
    record_.interrupt();
    return finish(record_.ending, stop);
  }
  if (record_.resumes > settings_.most_resumes) {
    record_.interrupt();
    return fail({step, ErrorCode::interrupted,
                 fmt::format("rescued was restarted {} times in this session", record_.resumes),
                 "Look at `rescuectl logs` for what ends it."});
  }
  // A paused guest without room for its disk still has a customer in it.
  const auto state = guest_state(stop);
  if (state == GuestState::running || state == GuestState::paused) return adopt(stop);
  if (record_.phase == Phase::serving) return guest_ended(domain::GuestEventKind::stopped, stop);
  record_.interrupt();
  fail({step, ErrorCode::interrupted, "rescued was ended in this step, and the guest is not running",
        "Start again: rescuectl start"});
}

void RescueSession::end_session_of_another_boot() {
  log::warning("session {} was {} when the host was restarted: undoing what is left", record_.id,
               name_of(record_.phase));
  record_.interrupt();
  // The takeover ended with that boot's kernel. The NIC may have other addresses now.
  if (auto* taken = record_.find(StepName::take_network)) taken->state = domain::StepState::undone;
  record_.end_pending = false;  // it has ended
  // Nobody has held the disks since: somebody else may have written to them.
  record_.changes_undecided = may_have_changes(record_);
  try {
    find_disks_again(ports_, settings_.disks, record_);
  } catch (const std::exception& error) {
    log::warning("the disks of before the restart can't be looked for: {}", report_of(error).one_line());
  }
  if (record_.phase == Phase::finishing) {
    if (walk_out(false, {})) return;
    throw Error(ErrorCode::rollback_incomplete, record_.rollback_failures.front().message,
                record_.rollback_failures.front().hint);
  }
  fail({"", ErrorCode::interrupted, "the host was restarted during the session",
        "Start again: rescuectl start. If nobody restarted it: did its hardware or its power fail?"});
}

void RescueSession::end_host_that_was_to_end() {
  if (!record_.end_pending) return;
  if (record_.boot_id == ports_.host.boot_id()) {
    log::warning("session {} is over; ending the host now: {}", record_.id, name_of(record_.ending));
    return end_host(record_.ending);
  }
  record_.end_pending = false;
  save();
}

void RescueSession::adopt(const std::stop_token& stop) {
  try {
    auto context = this->context(stop);
    const RescueSteps steps(context);
    const auto rest = new_walk().bring_back(steps.way_in());
    // The export of the image may have died with this process.
    if (const auto obstacle = obstacle_of_system_disk(context); !obstacle.empty()) log::warning("{}", obstacle);
    if (record_.phase == Phase::serving) {
      remove_own_key(context);
      save();
      log::info("adopted the running guest; serving");
      return;
    }
    log::info("adopted the running guest; making new credentials");
    new_walk().in(rest, stop);
    log::info("serving");
  } catch (const std::exception& error) {
    fail(new_walk().fail(error, "adopt"));
  }
}

}  // namespace rescue::session
