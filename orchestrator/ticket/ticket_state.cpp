// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/ticket/ticket_state.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace rescue::ticket {
namespace {

using credentials::HostRefusal;
using credentials::TicketRefusal;

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

/// Whole seconds, rounded up, of a pause.
std::uint16_t seconds_of(Milliseconds pause) {
  return static_cast<std::uint16_t>(
      std::min<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(pause).count(), UINT16_MAX));
}

}  // namespace

void signal_event(int event) noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable.
  [[maybe_unused]] const auto written = ::write(event, &one, sizeof one);
}

FileDescriptor make_event() {
  FileDescriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) throw system_error("an eventfd", errno);
  return event;
}

std::optional<std::uint64_t> TicketState::enter(const net::IpAddress& address, int wake) {
  const std::lock_guard lock(mutex_);
  if (closed_because_ || connections_.size() >= rules_.most_connections) return std::nullopt;
  const auto unproven = std::count_if(connections_.begin(), connections_.end(), [&](const auto& one) {
    return !one.second.judged && network_of(one.second.address) == network_of(address);
  });
  if (unproven >= rules_.most_unproven_per_address) return std::nullopt;
  const auto id = next_id();
  connections_[id] = {address, wake, false, {}};
  return id;
}

void TicketState::leave(std::uint64_t id) {
  std::optional<domain::TicketVisitor> gone;
  bool is_seen = false;  // others make no work for those who watch the ticket
  {
    const std::lock_guard lock(mutex_);
    if (question_ && question_->visitor.id == id) question_.reset();
    if (const auto found = connections_.find(id); found != connections_.end()) {
      gone = found->second.visitor;
      is_seen = found->second.judged;
      connections_.erase(found);
    }
  }
  if (gone) log::info("ticket: the helper from {} has left", gone->address);
  if (is_seen) changed_();
}

std::optional<HostRefusal> TicketState::judge(std::uint64_t id, bool proof_fits) {
  const std::lock_guard lock(mutex_);
  auto& connection = connections_.at(id);
  connection.judged = true;
  const auto now = clock_.now();
  if (const auto pause = attempts_.pause_of(connection.address, now); pause.count() > 0) {
    return HostRefusal{TicketRefusal::locked, seconds_of(pause)};
  }
  if (proof_fits) return std::nullopt;
  attempts_.add_wrong(connection.address, now);
  log::warning("ticket: a wrong ticket from {}, the {}. in total", connection.address, attempts_.wrong());
  if (attempts_.is_exhausted()) {
    close_locked("too many wrong tickets");
    return HostRefusal{TicketRefusal::locked, 0};
  }
  return HostRefusal{TicketRefusal::unknown_ticket, 0};
}

domain::TicketVisitor TicketState::visitor_of(std::uint64_t id, const std::string& name) const {
  return {id, connections_.at(id).address.text(), name, clock_.wall()};
}

std::size_t TicketState::connected() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](const auto& one) { return one.second.visitor.has_value(); }));
}

bool TicketState::ask(std::uint64_t id, const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (question_ || connected() >= rules_.most_connected) return false;
    question_.emplace(Question{visitor_of(id, name), clock_.wall() + rules_.answer_limit, {}});
    log::info("ticket: a helper from {} asks to enter; the customer has {} s to answer", question_->visitor.address,
              seconds_of(rules_.answer_limit));
  }
  changed_();
  return true;
}

std::optional<bool> TicketState::take_answer(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  if (!question_ || question_->visitor.id != id || !question_->answer) return std::nullopt;
  const auto answer = question_->answer;
  question_.reset();
  return answer;
}

void TicketState::withdraw(std::uint64_t id) {
  {
    const std::lock_guard lock(mutex_);
    if (!question_ || question_->visitor.id != id) return;
    question_.reset();
  }
  changed_();
}

bool TicketState::admit(std::uint64_t id, const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_because_ || connected() >= rules_.most_connected) return false;
    connections_.at(id).visitor = visitor_of(id, name);
    log::info("ticket: a helper from {} is in", connections_.at(id).address);
  }
  changed_();
  return true;
}

void TicketState::answer(std::uint64_t id, bool yes) {
  {
    const std::lock_guard lock(mutex_);
    const bool waits = question_ && question_->visitor.id == id && !question_->answer;
    if (!waits) {
      throw Error(ErrorCode::not_found, "this helper does not wait for an answer",
                  "It has left, was answered, or 60 s are over; the helpdesk can connect again.");
    }
    question_->answer = yes;
    log::info("ticket: the customer has answered {}", yes ? "yes" : "no");
    signal_event(connections_.at(id).wake);
  }
  changed_();
}

void TicketState::close_locked(const std::string& reason) {
  if (closed_because_) return;
  closed_because_ = reason;
  log::info("ticket: closed: {}", reason);
  for (const auto& [id, connection] : connections_) signal_event(connection.wake);
}

void TicketState::close(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    close_locked(reason);
  }
  changed_();
}

bool TicketState::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_because_.has_value();
}

void TicketState::show(domain::TicketView& view) const {
  const std::lock_guard lock(mutex_);
  view.open = !closed_because_;
  view.closed_because = closed_because_.value_or("");
  view.wrong_tickets = attempts_.wrong();
  if (question_ && !question_->answer) {
    view.asking = question_->visitor;
    view.answer_until = question_->until;
  }
  for (const auto& [id, connection] : connections_) {
    if (connection.visitor) view.connected.push_back(*connection.visitor);
  }
}

}  // namespace rescue::ticket
