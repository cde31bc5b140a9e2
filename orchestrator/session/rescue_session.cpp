// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/rescue_session.hpp"

#include "core/log.hpp"
#include "core/printable.hpp"
#include "orchestrator/session/credentials_proof.hpp"
#include "orchestrator/session/plan.hpp"
#include "orchestrator/session/request.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::session {
namespace {

using domain::Phase;
using domain::StepName;
using domain::StepState;

domain::Failure failure_of(const std::exception& error, std::string step) {
  const auto report = report_of(error);
  return {std::move(step), report.code, report.one_line(), report.hint};
}

[[noreturn]] void throw_failure(const domain::Failure& failure) {
  throw Error(failure.code, failure.step.empty() ? failure.message : failure.step + ": " + failure.message,
              failure.hint);
}

std::string all_messages(const std::vector<domain::Failure>& failures) {
  std::string text;
  for (const auto& failure : failures) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", failure.step, failure.message);
  }
  return text;
}

}  // namespace

SessionContext RescueSession::context(const std::stop_token& stop) {
  return {ports_, settings_, record_, stop, [this](const std::string& what) { show(what); }, {}, false};
}

void RescueSession::save() {
  domain::make_printable(record_);
  ports_.journal.save(record_);
  show();
}

void RescueSession::show(const std::string& waiting_for) {
  domain::make_printable(record_);
  constexpr std::size_t longest = 2000;
  observer_.changed(record_, printable(waiting_for, longest));
}

void RescueSession::save_on_the_way_out() {
  try {
    save();
  } catch (const std::exception& error) {
    // What is undone stays undone whether it is written down or not.
    log::error("the journal can't be written: {}", error.what());
    show();
  }
}

void RescueSession::begin(StepName name) {
  const domain::StepRecord fresh{name, StepState::begun, ports_.clock.wall(), std::nullopt, {}};
  if (auto* again = record_.find(name)) {
    *again = fresh;
  } else {
    record_.steps.push_back(fresh);
  }
}

void RescueSession::end(StepName name, StepState state) {
  auto* step = record_.find(name);
  step->state = state;
  step->ended = ports_.clock.wall();
}

std::optional<StepName> RescueSession::step_in_progress() const {
  for (const auto& step : record_.steps) {
    if (step.state == StepState::begun) return step.name;
  }
  return std::nullopt;
}

void RescueSession::walk_in(StepName first, const std::stop_token& stop) {
  auto context = this->context(stop);
  for (const auto& step : way_in()) {
    if (step.name < first) continue;
    if (stop.stop_requested()) throw Error(ErrorCode::cancelled, "stopped on request");
    begin(step.name);
    save();
    log::info("{}", name_of(step.name));
    step.apply(context);
    end(step.name, StepState::done);
    if (step.name == StepName::announce) record_.phase = Phase::serving;
    save();
  }
  log::info("serving");
}

bool RescueSession::walk_out(bool graceful, const std::stop_token& stop) {
  record_.phase = Phase::finishing;
  record_.rollback_failures.clear();
  auto context = this->context(stop);
  context.graceful = graceful;
  for (const auto& step : way_out()) {
    if (step.undoes && !record_.may_be_in_effect(*step.undoes)) continue;
    begin(step.name);
    save_on_the_way_out();
    log::info("{}", name_of(step.name));
    try {
      step.apply(context);
      end(step.name, StepState::done);
      if (step.undoes) record_.find(*step.undoes)->state = StepState::undone;
    } catch (const std::exception& error) {
      end(step.name, StepState::failed);
      record_.rollback_failures.push_back(failure_of(error, std::string(name_of(step.name))));
      log::error("{}: {}", name_of(step.name), record_.rollback_failures.back().message);
    }
    save_on_the_way_out();
  }
  const bool complete = record_.rollback_failures.empty();
  if (!complete) record_.end_pending = false;  // an operator is needed, on a host that is up
  record_.phase = complete && !record_.failure ? Phase::finished : Phase::failed;
  record_.ended = ports_.clock.wall();
  save_on_the_way_out();
  return complete;
}

void RescueSession::fail(const domain::Failure& failure) {
  log::error("{}: {}", failure.step, failure.message);
  record_.failure = failure;
  if (walk_out(false, {})) return;  // what was asked to stop was the way in: the way out runs to its end
  throw Error(
      ErrorCode::rollback_incomplete,
      fmt::format("{}: {}; and not undone: {}", failure.step, failure.message, all_messages(record_.rollback_failures)),
      record_.rollback_failures.front().hint);
}

void RescueSession::start(const std::stop_token& stop, std::optional<domain::SessionRequest> request) {
  if (record_.active()) {
    throw Error(ErrorCode::conflict, fmt::format("session {} is {}", record_.id, name_of(record_.phase)),
                "Watch it with `rescuectl status --watch`, or end it with `rescuectl finish`.");
  }
  if (!record_.rollback_failures.empty()) {
    throw Error(ErrorCode::rollback_incomplete,
                "the last session left something behind: " + all_messages(record_.rollback_failures),
                "Run `rescuectl finish` until it ends without an error.");
  }
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
    walk_in(StepName::preflight, stop);
  } catch (const std::exception& error) {
    const auto step = step_in_progress();
    const auto failure = failure_of(error, step ? std::string(name_of(*step)) : "");
    if (step) end(*step, StepState::failed);
    fail(failure);
    throw_failure(failure);
  }
}

void RescueSession::finish(std::optional<domain::Ending> wanted, const std::stop_token& stop) {
  const auto ending = wanted.value_or(settings_.ending);
  const bool left_incomplete = !record_.rollback_failures.empty();
  if (record_.active() || left_incomplete) {
    record_.ending = ending;
    record_.end_pending = ending != domain::Ending::stay;
    // A guest that is ended because something failed had no customer in it, or has had its time.
    const bool graceful = !left_incomplete && !record_.failure;
    if (left_incomplete) record_.failure.reset();
    if (!walk_out(graceful, stop)) {
      throw Error(ErrorCode::rollback_incomplete, "not undone: " + all_messages(record_.rollback_failures),
                  record_.rollback_failures.front().hint);
    }
  } else if (record_.phase != Phase::failed && !record_.end_pending) {
    throw Error(ErrorCode::conflict, "there is no session to finish", "`rescuectl status` shows what there is.");
  }
  end_host(ending);
}

void RescueSession::announced_late(const std::string& to) {
  if (record_.phase != Phase::serving) return;
  record_.announced = domain::Announcement{ports_.clock.wall(), to};
  forget_warnings(record_, not_delivered);
  save();
}

Secret RescueSession::rotate_credentials(const std::stop_token& stop) {
  if (record_.phase != Phase::serving) {
    throw Error(ErrorCode::conflict, fmt::format("there is no serving session: it is {}", name_of(record_.phase)),
                "Start one with `rescuectl start --wait`, which gives its credentials.");
  }
  auto context = this->context(stop);
  auto password = credentials::generate_password(settings_.password);
  const auto& guest = context.plan().guest;
  context.ports.agent.set_password(guest.name, guest.profile.administrator, password);
  record_.announced.reset();  // whoever was told the old one knows nothing now
  forget_warnings(record_, not_proven);
  save();
  try {
    record_.connection = prove_access(context, password);
  } catch (const std::exception& error) {
    const auto report = report_of(error);
    record_.warnings.push_back(fmt::format("{}: {}", not_proven, report.one_line()));
    save();
    std::throw_with_nested(
        Error(report.code, std::string(not_proven),
              "The old one works no more, and nobody knows the new one. See to it that the guest lets "
              "Administrator in over SSH and RDP (`rescuectl logs` says what happened), then rotate "
              "again."));
  }
  std::string to = "the caller of rotate";
  if (const auto others = tell(context, password); !others.empty()) to += " and " + others;
  record_.announced = domain::Announcement{ports_.clock.wall(), to};
  save();
  return password;
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
      // libvirtd may be restarting; the VM does not need it to run.
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
    const auto report = report_of(error);
    log::error("the host was to {}, and could not: {}", name_of(ending), report.one_line());
    record_.warnings.push_back(
        fmt::format("the host was to {}, and could not: {}", name_of(ending), report.one_line()));
    save_on_the_way_out();
    throw;
  }
}

void RescueSession::restart_guest() {
  // The overlay is kept: the guest comes back with the password that the customer has.
  auto& guest = record_.plan->guest;
  ports_.hypervisor.destroy(guest.name);
  hold_disks(ports_, record_);  // what is held must still be what was found; a disk that died stays out
  // What the bridge knew of the tap may have gone with its QEMU.
  ports_.network.take_over(record_.plan->network);
  guest.accelerator = ports_.hypervisor.start(guest);
  save();
}

void RescueSession::guest_ended(domain::GuestEventKind how, const std::stop_token& stop) {
  if (record_.phase != Phase::serving) return;
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
      restart_guest();
    } catch (const std::exception& error) {
      fail(failure_of(error, "serving"));
    }
  } else if (settings_.on_shutdown == domain::ShutdownPolicy::finish) {
    finish(record_.ending, stop);
  } else {
    record_.warnings.emplace_back("the guest was shut down from inside, and stays off (guest.on_shutdown: keep)");
    save();
  }
}

bool RescueSession::look_after_guest() {
  if (record_.phase != Phase::serving) return false;
  const auto& guest = record_.plan->guest;
  const bool paused = ports_.hypervisor.state(guest.name) == domain::GuestState::paused;
  const auto said = [](const std::string& warning) { return warning.starts_with(out_of_room); };
  const bool known = std::any_of(record_.warnings.begin(), record_.warnings.end(), said);
  if (paused && !known) {
    record_.warnings.push_back(
        fmt::format("{}: {} has no room for its throw-away disk. It goes on by itself once there "
                    "is (mount -o remount,size=... of that file system)",
                    out_of_room, guest.system_disk));
    log::error("{}", record_.warnings.back());
    save();
  }
  if (paused) {
    show("room for the guest's throw-away disk");
    ports_.hypervisor.resume(guest.name);
  } else if (known) {
    forget_warnings(record_, out_of_room);
    log::info("the guest goes on: there is room again");
    save();
  }
  return paused;
}

std::string RescueSession::restore_boot(const std::stop_token& stop) {
  std::string changes;
  std::exception_ptr first_failure;
  for (auto* layer : ports_.boot_layers) {
    try {
      const auto* snapshot = record_.snapshot_of(layer->layer());
      const auto change = layer->restore_disk(snapshot == nullptr ? "" : snapshot->content, stop);
      changes += change.empty() ? layer->layer() + ": nothing to change\n" : change + "\n";
    } catch (const std::exception& error) {
      log::error("{}: {}", layer->layer(), report_of(error).one_line());
      if (!first_failure) first_failure = std::current_exception();
    }
  }
  if (first_failure) std::rethrow_exception(first_failure);
  std::erase_if(record_.rollback_failures,
                [](const domain::Failure& failure) { return failure.step == name_of(StepName::restore_boot_mode); });
  if (!record_.id.empty()) save();
  return changes;
}

}  // namespace rescue::session
