// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/host_agent.hpp"

#include "core/back_off.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

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

HostAgent::HostAgent(ports::AgentChannel& channel, SessionService& service, TicketService& tickets, Outbox& outbox,
                     Clock& clock, HostAgentSettings settings)
    : channel_(channel), service_(service), tickets_(tickets), outbox_(outbox), clock_(clock), settings_(settings) {}

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
    if (!beat(stop) || !clock_.sleep_for(settings_.least_pause, stop)) return;
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
  if (view.record.changes_undecided) {
    log::warning("session {} has to be finished before another one: what its guest wrote waits for a decision",
                 view.record.id);
    return;
  }
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

ports::Heartbeat HostAgent::heartbeat_of(const StatusView& view) const {
  ports::Heartbeat beat{view.record, view.waiting_for, {}, tickets_.report()};
  if (ticket_outcome_ && ticket_outcome_->id == last_command_) {
    beat.outcome = ticket_outcome_;
  } else if (view.record.command && view.record.command->done) {
    beat.outcome = view.record.command;
  }
  return beat;
}

bool HostAgent::beat(const std::stop_token& stop) {
  const auto view = service_.status();
  try {
    // The heartbeat goes first: without it the dead man ends this host's lease, even if the mail arrives.
    const auto answer = channel_.heartbeat(heartbeat_of(view), stop);
    heard(view.revision);
    service_.control_plane({ControlPlaneState::connected, {}, {}});
    service_.lease_ends(answer.lease_ends);
    if (answer.command) carry_out(*answer.command, view.record);
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
  return std::all_of(mail.begin(), mail.end(), [&](const auto& one) { return post(*one, stop); });
}

bool HostAgent::post(const Mail& mail, const std::stop_token& stop) {
  try {
    if (mail.link) {
      channel_.deliver_link(*mail.link, mail.connection, stop);
    } else {
      channel_.deliver(mail.sealed, mail.connection, stop);
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) return false;
    const auto problem = report_of(error).one_line();
    if (worth_another(error) || error.code() == ErrorCode::too_many_requests) {
      log::warning("the control plane has not accepted {} yet, retrying: {}", mail.what, problem);
      outbox_.failed(problem);
    } else {
      // Only a heartbeat's answer shows whether the control plane still knows this host.
      log::error("the control plane refuses {}: {}", mail.what, problem);
      outbox_.refused(mail.number, fmt::format("the control plane refuses {}: {}", mail.what, problem));
    }
    return true;
  }
  log::info("the control plane has {}", mail.what);
  if (const auto late = outbox_.delivered(mail.number)) service_.announced_late(*late);
  return true;
}

void HostAgent::carry_out(const ports::Command& command, const domain::SessionRecord& record) {
  if (command.id == last_command_) return;
  last_command_ = command.id;
  switch (command.kind) {
  case contract::AgentCommand::finish:
    return finish(command);
  case contract::AgentCommand::rotate:
    return rotate(command, record);
  case contract::AgentCommand::open_ticket:
  case contract::AgentCommand::end_ticket:
    return open_or_end_ticket(command);
  }
}

void HostAgent::finish(const ports::Command& command) {
  try {
    log::info("the control plane commands the session's end");
    service_.finish(command.order);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::conflict) return log::warning("there was nothing to finish: {}", error.what());
    // netbootd orders only possible ends; another control plane might not.
    log::error("the session is not finished: {}", report_of(error).one_line());
  }
}

void HostAgent::rotate(const ports::Command& command, const domain::SessionRecord& record) {
  // Also after a restart of this process: the journal has the outcome, which the next heartbeat repeats.
  if (record.command && record.command->id == command.id && record.command->done) return;
  log::info("the control plane commands new credentials");
  service_.rotate_on_command(command.id);
}

/// No outcome survives this process, and neither does a ticket: after a restart a repeated command opens another one.
void HostAgent::open_or_end_ticket(const ports::Command& command) {
  ticket_outcome_ = domain::CommandOutcome{command.id, true};
  try {
    if (command.kind == contract::AgentCommand::open_ticket) {
      log::info("the control plane commands a ticket");
      tickets_.open_sealed(command.ticket);
    } else {
      log::info("the control plane commands the ticket's end");
      tickets_.end_if_open("ended by the control plane");
    }
  } catch (const std::exception& error) {
    const auto report = report_of(error);
    log::warning("the command about a ticket has failed: {}", report.one_line());
    ticket_outcome_->failure = domain::Failure{{}, report.code, report.one_line(), report.hint};
  }
  (void)service_.touch();  // reports the outcome at once
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
