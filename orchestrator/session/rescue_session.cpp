// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/rescue_session.hpp"

#include "core/log.hpp"
#include "core/printable.hpp"
#include "orchestrator/session/changes.hpp"
#include "orchestrator/session/commands.hpp"
#include "orchestrator/session/request.hpp"
#include "orchestrator/session/steps/boot_layers.hpp"
#include "orchestrator/session/steps/credentials.hpp"
#include "orchestrator/session/steps/guest.hpp"
#include "orchestrator/session/steps/steps.hpp"
#include "orchestrator/session/system_disk.hpp"

#include <fmt/format.h>

namespace rescue::session {

using domain::Phase;
using domain::StepName;

SessionContext RescueSession::context(const std::stop_token& stop) {
  return {ports_, settings_, record_,           stop, [this](const std::string& what) { show(what); },
          {},     false,     [this] { save(); }};
}

walk::Walk RescueSession::new_walk() {
  return {record_, ports_.clock, [this] { save(); }};
}

void RescueSession::save() {
  domain::make_printable(record_);
  try {
    ports_.journal.save(record_);
  } catch (const std::exception&) {
    show();
    throw;
  }
  show();
}

void RescueSession::show(const std::string& waiting_for) {
  domain::make_printable(record_);
  constexpr std::size_t longest = 2000;
  observer_.changed(record_, printable(waiting_for, longest));
}

void RescueSession::save_if_possible() {
  try {
    save();
  } catch (const std::exception& error) {
    log::error("the journal can't be written: {}", error.what());
  }
}

bool RescueSession::walk_out(bool graceful, const std::stop_token& stop) {
  record_.phase = Phase::finishing;
  auto context = this->context(stop);
  context.graceful = graceful;
  const RescueSteps steps(context);
  const bool complete = new_walk().out(steps.way_out());
  if (!record_.may_be_in_effect(StepName::start_guest)) release_image();
  if (!complete) record_.end_pending = false;  // an operator is needed, so the host must be up
  record_.phase = complete && !record_.failure ? Phase::finished : Phase::failed;
  record_.ended = ports_.clock.wall();
  save_if_possible();
  return complete;
}

/// Takes memory only: that it stays behind is no reason to keep the disks or the host.
void RescueSession::release_image() {
  try {
    ports_.images.release();
  } catch (const std::exception& error) {
    record_.warn(fmt::format("what serves the image is still there: {}", report_of(error).one_line()));
  }
}

void RescueSession::fail(const domain::Failure& failure) {
  log::error("{}: {}", failure.step, failure.message);
  record_.failure = failure;
  record_.changes_undecided = may_have_changes(record_);
  if (walk_out(false, {})) return;  // a stop request was for the way in: the undo always runs to its end
  throw Error(
      ErrorCode::rollback_incomplete,
      fmt::format("{}: {}; and not undone: {}", failure.step, failure.message, all_messages(record_.rollback_failures)),
      record_.rollback_failures.front().hint);
}

void RescueSession::start(const std::stop_token& stop, std::optional<domain::SessionRequest> request) {
  require_allowed(Command::start, record_);
  record_ = {};
  record_.server = settings_.server_name;
  record_.started = ports_.clock.wall();
  record_.id = fmt::format("{}-{}", settings_.server_name,
                           std::chrono::duration_cast<Milliseconds>(record_.started.time_since_epoch()).count());
  record_.phase = Phase::starting;
  record_.request = std::move(request);
  record_.boot_id = ports_.host.boot_id();
  settings_ = configured_;
  try {
    settings_ = with_request(configured_, record_.request);
    record_.ending = settings_.ending;
    auto context = this->context(stop);
    const RescueSteps steps(context);
    new_walk().in(steps.way_in(), stop);
    log::info("serving");
  } catch (const std::exception& error) {
    const auto failure = new_walk().fail(error);
    fail(failure);
    throw Error(failure.code, failure.step.empty() ? failure.message : failure.step + ": " + failure.message,
                failure.hint);
  }
}

void RescueSession::finish(domain::FinishOrder order, const std::stop_token& stop) {
  require_allowed(Command::finish, record_);
  require_possible(order, record_);
  const auto ending = order.then.value_or(settings_.ending);
  const bool left_incomplete = !record_.rollback_failures.empty();
  if (record_.active() || left_incomplete) {
    record_.ending = ending;
    record_.changes = order.changes.value_or(record_.changes);
    record_.changes_undecided = record_.changes_undecided && !order.changes;
    record_.end_pending = ending != domain::Ending::stay;
    // A guest that is ended after a failure had no customer in it, or has had its time.
    const bool graceful = !left_incomplete && !record_.failure;
    if (left_incomplete) record_.failure.reset();
    if (!walk_out(graceful, stop)) {
      throw Error(ErrorCode::rollback_incomplete, "not undone: " + all_messages(record_.rollback_failures),
                  record_.rollback_failures.front().hint);
    }
  }
  end_host(ending);
}

void RescueSession::announced_late(const ports::Announced& announced) {
  if (!allowed(Command::care_for_guest, record_)) return;
  record_.announced = domain::Announcement{ports_.clock.wall(), announced.to};
  if (announced.problem.empty()) record_.take_back(domain::WarningCode::credentials_not_delivered);
  save();
}

Secret RescueSession::rotate_credentials(const std::stop_token& stop) {
  require_allowed(Command::rotate_credentials, record_);
  auto context = this->context(stop);
  return rotate(context, "the caller of rotate", [this] { save(); });
}

void RescueSession::rotate_on_command(std::uint64_t id, const std::stop_token& stop) {
  record_.command = domain::CommandOutcome{id};
  save();
  try {
    require_allowed(Command::rotate_credentials, record_);
    auto context = this->context(stop);
    (void)rotate(context, {}, [this] { save(); });
    record_.command->failure = failure_of_delivery(record_);
  } catch (const std::exception& error) {
    const auto report = report_of(error);
    record_.command->failure = domain::Failure{"", report.code, report.one_line(), report.hint};
    log::error("the control plane's command failed: {}", report.one_line());
  }
  record_.command->done = true;
  save();
}

domain::GuestState RescueSession::guest_state(const std::stop_token& stop) {
  if (!record_.plan) return domain::GuestState::absent;
  constexpr Milliseconds patience{60'000};
  constexpr Milliseconds pause{500};
  const auto deadline = ports_.clock.now() + patience;
  for (;;) {
    try {
      return ports_.hypervisor.state(record_.plan->guest.name);
    } catch (const Error&) {
      // libvirtd may be restarting; the VM runs without it.
      if (ports_.clock.now() >= deadline) throw;
    }
    show("libvirt to answer");
    if (!ports_.clock.sleep_for(pause, stop)) throw Error(ErrorCode::cancelled, "stopped on request");
  }
}

void RescueSession::end_host(domain::Ending ending) {
  try {
    ports_.host.end(ending);
  } catch (const std::exception& error) {
    record_.warn(fmt::format("the host's {} failed: {}", name_of(ending), report_of(error).one_line()),
                 domain::WarningCode::general, log::Level::error);
    save_if_possible();
    throw;
  }
}

void RescueSession::guest_ended(domain::GuestEventKind how, const std::stop_token& stop) {
  if (!allowed(Command::care_for_guest, record_)) return;
  const auto state = guest_state(stop);
  if (state == domain::GuestState::running || state == domain::GuestState::paused) return;
  const bool crashed = how == domain::GuestEventKind::crashed;
  log::warning("the guest has {}", crashed ? "crashed" : "shut down");
  if (crashed && ++record_.guest_restarts > settings_.most_crash_restarts) {
    return fail({"serving", ErrorCode::hypervisor, fmt::format("the guest crashed {} times", record_.guest_restarts),
                 "Look at the guest's serial log; is a disk of the server failing?"});
  }
  if (crashed || settings_.on_shutdown == domain::ShutdownPolicy::restart) {
    try {
      auto context = this->context(stop);
      restart_guest(context);
      save();
    } catch (const std::exception& error) {
      fail(walk::failure_of(error, "serving"));
    }
  } else if (settings_.on_shutdown == domain::ShutdownPolicy::finish) {
    finish(record_.ending, stop);
  } else {
    record_.warn("the guest was shut down from inside, and stays off (guest.on_shutdown: keep)");
    save();
  }
}

bool RescueSession::look_after_guest() {
  if (!allowed(Command::care_for_guest, record_)) return false;
  auto context = this->context({});
  const auto found = look_after_system_disk(context);
  if (found.changed) save();
  if (!found.waits_for.empty()) show(found.waits_for);
  return found.paused;
}

std::string RescueSession::restore_boot(const std::stop_token& stop) {
  auto context = this->context(stop);
  auto changes = restore_boot_layers(context);
  std::erase_if(record_.rollback_failures,
                [](const domain::Failure& failure) { return failure.step == name_of(StepName::restore_boot_mode); });
  if (!record_.id.empty()) save();
  return changes;
}

}  // namespace rescue::session
