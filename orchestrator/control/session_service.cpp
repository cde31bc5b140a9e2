// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/session_service.hpp"

#include "core/log.hpp"
#include "core/printable.hpp"
#include "orchestrator/session/commands.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::control {

namespace {
/// Pause between attempts to resume a guest that has no room for its throw-away disk.
constexpr Milliseconds pause_between_resumptions{5'000};
}  // namespace

SessionService::SessionService(session::Ports ports, domain::SessionSettings settings)
    : ports_(ports), settings_(settings), session_(std::move(ports), std::move(settings), *this) {
  view_.record.server = settings_.server_name;
}

SessionService::~SessionService() { release_watchers(); }

void SessionService::run() {
  enqueue([this](const std::stop_token& stop) {
    try {
      session_.recover(stop);
      look_after_guest();
    } catch (const std::exception& error) {
      log::error("the previous session can't be resumed: {}", report_of(error).one_line());
    }
  });
  thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
}

bool SessionService::stop_if_idle() {
  {
    const std::lock_guard lock(mutex_);
    if (view_.busy) return false;
    thread_.request_stop();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  return true;
}

void SessionService::loop(const std::stop_token& thread_stop) {
  const auto interval = settings_.watchdog_interval.count() > 0 ? settings_.watchdog_interval : Milliseconds(3'600'000);
  for (;;) {
    Command command;
    {
      std::unique_lock lock(mutex_);
      const auto pause =
          std::min(until_lease_warning_, paused_ ? std::min(interval, pause_between_resumptions) : interval);
      const bool woken = changed_.wait_for(lock, thread_stop, pause, [this] { return !commands_.empty(); });
      if (thread_stop.stop_requested()) return;
      if (woken) {
        command = std::move(commands_.front());
        commands_.pop_front();
        view_.busy = true;
        ++view_.revision;
        command_stop_ = std::stop_source();
      }
    }
    if (command) {
      carry_out(command);
    } else {
      watch_guest();
      look_after_lease();
    }
  }
}

void SessionService::look_after_lease() {
  constexpr Milliseconds an_hour{3'600'000};
  constexpr Milliseconds shortest{50};
  std::optional<WallTime> ends;
  {
    const std::lock_guard lock(mutex_);
    ends = lease_ends_;
  }
  try {
    if (ends) session_.lease_ends(*ends);
    until_lease_warning_ = std::clamp(session_.warn_of_lease_end().value_or(an_hour), shortest, an_hour);
  } catch (const std::exception& error) {
    until_lease_warning_ = an_hour;
    log::error("the end of the lease can't be recorded: {}", report_of(error).one_line());
  }
}

void SessionService::lease_ends(std::optional<WallTime> at) {
  {
    const std::lock_guard lock(mutex_);
    if (lease_ends_ == at) return;
    lease_ends_ = at;
  }
  if (at) enqueue([this](const std::stop_token&) { look_after_lease(); });
}

void SessionService::carry_out(const Command& command) {
  changed_.notify_all();
  try {
    command(command_stop_.get_token());
  } catch (const std::exception& error) {
    // The session has logged the error, and its record holds the outcome.
    log::debug("{}", report_of(error).one_line());
  }
  {
    const std::lock_guard lock(mutex_);
    view_.busy = !commands_.empty();
    ++view_.revision;
  }
  changed_.notify_all();
}

void SessionService::look_after_guest() {
  try {
    paused_ = session_.look_after_guest();
  } catch (const std::exception& error) {
    log::debug("can't check whether the guest is paused: {}", report_of(error).one_line());
  }
}

void SessionService::watch_guest() {
  look_after_guest();
  const auto& record = session_.record();
  if (!allowed(session::Command::care_for_guest, record) || paused_ || settings_.watchdog_interval.count() == 0) return;
  constexpr Milliseconds limit{5'000};
  missed_pings_ = ports_.agent.answers(record.plan->guest.name, limit) ? 0 : missed_pings_ + 1;
  if (missed_pings_ == settings_.watchdog_misses) {
    log::warning("the guest agent has not answered {} pings: the guest may hang; its console shows", missed_pings_);
  }
}

void SessionService::enqueue(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
    view_.busy = true;
  }
  changed_.notify_all();
}

void SessionService::start(const std::function<void()>& accepted, std::optional<domain::SessionRequest> request) {
  {
    const std::lock_guard lock(mutex_);
    if (view_.busy && !view_.record.active()) {
      throw Error(ErrorCode::conflict, "rescued is still busy with an earlier command", "Try again in a moment.");
    }
    require_allowed(session::Command::start, view_.record);
    accepted();
    commands_.emplace_back([this, request = std::move(request)](const std::stop_token& stop) {
      session_.start(stop, request);
      look_after_lease();
    });
    view_.busy = true;
  }
  changed_.notify_all();
}

void SessionService::finish(domain::FinishOrder order) {
  {
    const std::lock_guard lock(mutex_);
    if (!view_.busy) require_allowed(session::Command::finish, view_.record);
    session::require_possible(order, view_.record);
    if (view_.record.phase == domain::Phase::starting) command_stop_.request_stop();
    commands_.emplace_back([this, order](const std::stop_token& stop) { session_.finish(order, stop); });
    view_.busy = true;
  }
  changed_.notify_all();
}

template <class Result>
Result SessionService::ask(std::function<Result(std::stop_token)> question) {
  auto answer = std::make_shared<std::promise<Result>>();
  auto future = answer->get_future();
  enqueue([question = std::move(question), answer](const std::stop_token& stop) {
    try {
      answer->set_value(question(stop));
    } catch (...) {
      answer->set_exception(std::current_exception());
    }
  });
  return future.get();
}

Secret SessionService::rotate_credentials() {
  require_allowed(session::Command::rotate_credentials, status().record);
  return ask<Secret>([this](const std::stop_token& stop) { return session_.rotate_credentials(stop); });
}

void SessionService::rotate_on_command(std::uint64_t id) {
  enqueue([this, id](const std::stop_token& stop) { session_.rotate_on_command(id, stop); });
}

std::string SessionService::restore_boot() {
  return ask<std::string>([this](const std::stop_token& stop) { return session_.restore_boot(stop); });
}

StatusView SessionService::status() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

bool SessionService::has_been_asked_for(const std::string& session) {
  const auto record = status().record;
  return record.request && record.request->session == session && is_of_this_boot(record);
}

bool SessionService::is_of_this_boot(const domain::SessionRecord& record) {
  return record.boot_id == ports_.host.boot_id();
}

void SessionService::announced_late(const ports::Announced& announced) {
  enqueue([this, announced](const std::stop_token&) { session_.announced_late(announced); });
}

void SessionService::control_plane(ControlPlaneView view) {
  constexpr std::size_t longest = 2000;
  view.problem = printable(view.problem, longest);
  {
    const std::lock_guard lock(mutex_);
    if (view_.control_plane == view) return;
    view_.control_plane = std::move(view);
    ++view_.revision;
  }
  changed_.notify_all();
}

std::uint64_t SessionService::touch() {
  std::uint64_t revision = 0;
  {
    const std::lock_guard lock(mutex_);
    revision = ++view_.revision;
  }
  changed_.notify_all();
  return revision;
}

StatusView SessionService::wait_for_change(std::uint64_t revision, Milliseconds limit) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [&] { return view_.revision > revision || watchers_released_; });
  return view_;
}

void SessionService::release_watchers() {
  {
    const std::lock_guard lock(mutex_);
    watchers_released_ = true;
  }
  changed_.notify_all();
}

void SessionService::guest_event(const domain::GuestEvent& event) {
  log::info("guest event: {}", name_of(event.kind));
  const auto kind = event.kind;
  if (kind == domain::GuestEventKind::paused) return enqueue([this](const std::stop_token&) { look_after_guest(); });
  if (kind != domain::GuestEventKind::stopped && kind != domain::GuestEventKind::crashed) return;
  enqueue([this, kind](const std::stop_token& stop) { session_.guest_ended(kind, stop); });
}

void SessionService::changed(const domain::SessionRecord& record, const std::string& waiting_for) {
  {
    const std::lock_guard lock(mutex_);
    view_.record = record;
    view_.waiting_for = waiting_for;
    ++view_.revision;
  }
  changed_.notify_all();
}

}  // namespace rescue::control
