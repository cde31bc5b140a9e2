// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the desk that lets a helpdesk's viewer in: a listener that takes the number of a ticket.

#include "core/secret.hpp"
#include "orchestrator/domain/ticket.hpp"

#include <functional>

namespace rescue::ports {

/// Thread-safe. One ticket is open at most.
class TicketDesk {
public:
  virtual ~TicketDesk() = default;

  /// Makes a number and a certificate, and listens. Throws `conflict` if a ticket is open, and `network` if no port is
  /// free. Blocks for about 0.2 s.
  virtual void open(const domain::TicketSite& site, const domain::TicketOrder& order) = 0;
  /// Closes the listener and every connection. Idempotent. `reason` is for people.
  virtual void close(const std::string& reason) = 0;
  /// The customer's answer to the request of a visitor. Throws `not_found` if it is not waiting (any more).
  virtual void answer(std::uint64_t visitor, bool yes) = 0;

  [[nodiscard]] virtual domain::TicketView view() const = 0;
  /// Number of the open ticket. Throws `not_found` if none is open.
  [[nodiscard]] virtual Secret number() const = 0;
  /// Invitation of the open ticket (credentials/connection_files.hpp). Throws `not_found` if none is open.
  [[nodiscard]] virtual Secret invitation() const = 0;
  /// Calls `sink` after each change of the view, on any thread, and no other sink any more. It must not call the desk.
  virtual void subscribe(std::function<void()> sink) = 0;
};

}  // namespace rescue::ports
