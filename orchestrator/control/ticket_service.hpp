// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The helpdesk's ticket of the session: opened by request or by policy, ended with the session.

#include "orchestrator/control/session_service.hpp"
#include "orchestrator/ports/ticket_desk.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rescue::control {

/// Thread-safe.
class TicketService {
public:
  /// All must outlive it. `ports`: of the host's listeners.
  TicketService(SessionService& sessions, ports::TicketDesk& desk, domain::TicketSettings settings,
                domain::PortRange ports);
  ~TicketService();

  /// Starts the thread that ends the ticket with the session, and opens one if the policy wants it.
  void run();
  void stop();

  /// Throws `conflict` without a session that serves or with an open ticket, `usage` for a port that is not the host's.
  void open(const domain::TicketOrder& order);
  /// As `open`, for the requester of the session, who is not on this host: number, addresses and port are sealed to the
  /// public key of the request, and `report` has them while this ticket is open. Throws `precondition` without a key.
  void open_sealed(const domain::TicketOrder& order);
  /// Ends the ticket and every connection. Throws `conflict` if none is open.
  void end();
  /// Ends the ticket, if one is open, and every connection. `reason` is for people.
  void end_if_open(const std::string& reason);
  /// Answer to the visitor; without one: to the one that waits. Throws `not_found` if there is none.
  void answer(std::optional<std::uint64_t> visitor, bool yes);

  [[nodiscard]] domain::TicketView view() const { return desk_.view(); }
  /// State for the control plane, also of a ticket that has ended. None if none was opened.
  [[nodiscard]] std::optional<domain::TicketReport> report() const;
  /// Throws `not_found` if no ticket is open.
  [[nodiscard]] Secret number() const { return desk_.number(); }

private:
  void look_at(const StatusView& status);
  void open_by_policy(const StatusView& status);
  /// Throws `conflict` without a session that serves.
  [[nodiscard]] StatusView serving() const;
  void open_for(const StatusView& status, const domain::TicketOrder& order);
  /// `opening_` must be held.
  void open_locked(const StatusView& status, const domain::TicketOrder& order);
  void drop_invitation();
  void remove_invitation();

  SessionService& sessions_;
  ports::TicketDesk& desk_;
  domain::TicketSettings settings_;
  domain::PortRange ports_;
  std::mutex opening_;            ///< held while a ticket is opened
  std::string opened_by_policy_;  ///< id of the session
  bool invitation_exists_ = false;
  std::string sealed_;        ///< for the requester
  std::string sealed_of_;     ///< certificate of the ticket that `sealed_` belongs to
  mutable std::mutex mutex_;  ///< of the four above
  std::jthread thread_;
};

/// State of the ticket without its number.
[[nodiscard]] nlohmann::json to_json(const domain::TicketView& view);

}  // namespace rescue::control
