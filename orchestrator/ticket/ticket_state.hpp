// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// State that all connections of one ticket share: counts of wrong tickets, the question to the customer, and who is in.

#include "core/clock.hpp"
#include "core/handle.hpp"
#include "orchestrator/domain/ticket.hpp"
#include "orchestrator/ticket/attempts.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace rescue::ticket {

struct TicketRules {
  AttemptRules attempts;
  Milliseconds answer_limit{60'000};  ///< for the customer's answer
  Milliseconds proof_limit{10'000};   ///< from a connection to its proof
  unsigned most_connections = 16;
  unsigned most_unproven_per_address = 4;
  unsigned most_connected = 3;
};

/// Thread-safe. Each connection enters with a descriptor (an eventfd) that becomes readable at each answer and at the
/// end.
class TicketState {
public:
  TicketState(Clock& clock, const TicketRules& rules, std::function<void()> changed)
      : clock_(clock), rules_(rules), attempts_(rules.attempts), changed_(std::move(changed)) {}

  /// Number of the connection; none if there are too many, or the ticket has ended.
  [[nodiscard]] std::optional<std::uint64_t> enter(const net::IpAddress& address, int wake);
  void leave(std::uint64_t id);

  /// Judges a proof, and counts a wrong one; with one too many the ticket ends. None: it is accepted.
  [[nodiscard]] std::optional<credentials::HostRefusal> judge(std::uint64_t id, bool proof_fits);
  /// Asks the customer whether the connection's helper may enter. False: somebody else is being asked for, or too many
  /// are in.
  [[nodiscard]] bool ask(std::uint64_t id, const std::string& name);
  /// The customer's answer to `ask`, which is then withdrawn; none: there is none yet.
  [[nodiscard]] std::optional<bool> take_answer(std::uint64_t id);
  void withdraw(std::uint64_t id);
  /// False: the ticket has ended, or too many are in.
  [[nodiscard]] bool admit(std::uint64_t id, const std::string& name);
  /// Throws `not_found` if this one does not wait.
  void answer(std::uint64_t id, bool yes);

  /// Idempotent: the first reason stays.
  void close(const std::string& reason);
  [[nodiscard]] bool is_closed() const;
  void show(domain::TicketView& view) const;

private:
  struct Connection {
    net::IpAddress address;
    int wake = -1;
    bool judged = false;                           ///< its proof was right or wrong
    std::optional<domain::TicketVisitor> visitor;  ///< is in
  };
  struct Question {
    domain::TicketVisitor visitor;
    WallTime until;
    std::optional<bool> answer;
  };
  [[nodiscard]] domain::TicketVisitor visitor_of(std::uint64_t id, const std::string& name) const;
  [[nodiscard]] std::size_t connected() const;
  void close_locked(const std::string& reason);

  Clock& clock_;
  TicketRules rules_;
  mutable std::mutex mutex_;
  Attempts attempts_;
  std::map<std::uint64_t, Connection> connections_;
  std::optional<Question> question_;
  std::optional<std::string> closed_because_;
  std::function<void()> changed_;
};

/// Makes an eventfd readable. Never blocks.
void signal_event(int event) noexcept;
/// A non-blocking eventfd. Throws `io`.
[[nodiscard]] FileDescriptor make_event();

}  // namespace rescue::ticket
