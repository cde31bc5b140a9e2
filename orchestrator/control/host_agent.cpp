// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/host_agent.hpp"

#include "core/back_off.hpp"
#include "core/log.hpp"

#include <algorithm>

namespace rescue::control {
namespace {

constexpr const char* by_hand =
    "Start the session by hand: `rescuectl start --wait`. Or boot the server again from the control plane.";

bool worth_another(const Error& error) {
  return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout ||
         error.code() == ErrorCode::network || error.code() == ErrorCode::io;
}

}  // namespace

HostAgent::HostAgent(ports::AgentChannel& channel, SessionService& service, Outbox& outbox, Clock& clock,
                     HostAgentSettings settings)
    : channel_(channel), service_(service), outbox_(outbox), clock_(clock), settings_(settings) {}

void HostAgent::run() {
  outbox_.connect([this] { service_.touch(); });
  thread_ = std::jthread([this](const std::stop_token& stop) {
    try {
      speak(stop);
    } catch (const std::exception& error) {
      const auto report = report_of(error);
      if (report.code == ErrorCode::cancelled) return;
      log::error("the host agent has ended: {}", report.one_line());
      silence(ControlPlaneState::lost, report.one_line(), by_hand);
    }
  });
}

void HostAgent::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  service_.touch();
  thread_.join();
}

void HostAgent::speak(const std::stop_token& stop) {
  if (!redeem(stop)) return;
  start_session(stop);
  std::uint64_t told = 0;
  while (!stop.stop_requested()) {
    if (!beat(stop)) return;
    const auto view = service_.wait_for_change(told, redemption_.heartbeat_interval);
    told = view.revision;
  }
}

bool HostAgent::redeem(const std::stop_token& stop) {
  BackOff back_off(clock_, settings_.redemption);
  service_.control_plane({ControlPlaneState::connecting, "redeeming the boot token", {}});
  for (;;) {
    try {
      redemption_ = channel_.redeem(stop);
      log::info("the control plane accepts this host for session {}", redemption_.session);
      {
        const std::lock_guard lock(mutex_);
        listened_to_ = true;
      }
      service_.control_plane({ControlPlaneState::connected, {}, {}});
      return true;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) return false;
      const auto report = report_of(error);
      if (!worth_another(error)) {
        log::error("the control plane refuses this host's boot token: {}", report.one_line());
        silence(ControlPlaneState::refused, "the boot token is refused: " + report.one_line(), by_hand);
        return false;
      }
      if (back_off.is_over()) {
        log::error("the boot token could not be redeemed in time: {}", report.one_line());
        silence(ControlPlaneState::lost, "the boot token could not be redeemed in time: " + report.one_line(), by_hand);
        return false;
      }
      log::warning("the boot token is not redeemed yet, retrying: {}", report.one_line());
      service_.control_plane({ControlPlaneState::connecting, report.one_line(), {}});
    }
    if (!back_off.wait(stop)) return false;
  }
}

void HostAgent::start_session(const std::stop_token& stop) {
  if (!redemption_.request) {
    log::info("the control plane asks for no session; `rescuectl start` begins one");
    return;
  }
  // Waits until a session that a crash left behind is resumed or undone.
  auto view = service_.status();
  const auto goes_on = [&] { return view.record.active() && service_.is_of_this_boot(view.record); };
  while (view.busy && !goes_on() && !stop.stop_requested()) {
    view = service_.wait_for_change(view.revision, Milliseconds(1'000));
  }
  if (stop.stop_requested() || view.record.active()) return;
  auto request = *redemption_.request;
  request.session = redemption_.session;
  if (service_.has_been_asked_for(request.session)) {
    log::info("session {} was already started in this boot", request.session);
    return;
  }
  try {
    log::info("starting the session that the control plane asks for{}{}", request.reason.empty() ? "" : ": ",
              request.reason);
    service_.start([] {}, std::move(request));
  } catch (const Error& error) {
    log::error("the session can't be started: {}", report_of(error).one_line());
  }
}

bool HostAgent::beat(const std::stop_token& stop) {
  const auto view = service_.status();
  try {
    // The heartbeat goes first: without it the dead man ends this host's lease, even if the mail arrives.
    const auto command = channel_.heartbeat(view.record, view.waiting_for, stop);
    heard(view.revision);
    service_.control_plane({ControlPlaneState::connected, {}, {}});
    if (command) carry_out(*command);
    return post_mail(stop);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) return false;
    const auto problem = report_of(error).one_line();
    if (error.code() == ErrorCode::denied) {
      log::warning("the control plane no longer knows this host; heartbeats end: {}", problem);
      silence(ControlPlaneState::ended, problem, "The session is not touched; `rescuectl finish` ends it.");
      return false;
    }
    log::debug("no heartbeat: {}", problem);
    outbox_.failed(problem);
    service_.control_plane({ControlPlaneState::lost, problem, "The session continues; heartbeats are retried."});
    return true;
  }
}

bool HostAgent::post_mail(const std::stop_token& stop) {
  const auto mail = outbox_.pending();
  if (!mail) return true;
  try {
    channel_.deliver(mail->sealed, mail->connection, stop);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) return false;
    const auto problem = report_of(error).one_line();
    if (worth_another(error) || error.code() == ErrorCode::too_many_requests) {
      log::warning("the control plane has not accepted the sealed credentials yet, retrying: {}", problem);
      outbox_.failed(problem);
    } else {
      // Only a heartbeat's answer shows whether the control plane still knows this host.
      log::error("the control plane refuses the sealed credentials: {}", problem);
      outbox_.refused(mail->number, "the control plane refuses them: " + problem);
    }
    return true;
  }
  log::info("the control plane has the sealed credentials");
  if (outbox_.delivered(mail->number)) service_.announced_late("the requester, by the control plane");
  return true;
}

void HostAgent::carry_out(const ports::FinishCommand& command) {
  if (command.id == last_command_) return;
  last_command_ = command.id;
  try {
    log::info("the control plane commands the session's end");
    service_.finish(command.order);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::conflict) return log::warning("there was nothing to finish: {}", error.what());
    // netbootd orders only possible ends; another control plane might not.
    log::error("the session is not finished: {}", report_of(error).one_line());
  }
}

void HostAgent::silence(ControlPlaneState state, const std::string& problem, const std::string& hint) {
  outbox_.connect({});
  {
    const std::lock_guard lock(mutex_);
    listened_to_ = false;
  }
  changed_.notify_all();
  service_.control_plane({state, problem, hint});
}

void HostAgent::heard(std::uint64_t revision) {
  {
    const std::lock_guard lock(mutex_);
    heard_revision_ = std::max(heard_revision_, revision);
  }
  changed_.notify_all();
}

void HostAgent::say_last_word() {
  const auto revision = service_.touch();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, settings_.last_word, [&] { return heard_revision_ >= revision || !listened_to_; });
  if (listened_to_ && heard_revision_ < revision) log::warning("the control plane did not receive the last report");
}

}  // namespace rescue::control
