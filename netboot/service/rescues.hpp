// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rescues of servers: started, looked at, finished, and their credentials handed out.

#include "netboot/boot/boot_book.hpp"
#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/lease_request.hpp"
#include "netboot/domain/server_state.hpp"
#include "netboot/domain/task.hpp"
#include "netboot/service/leases.hpp"
#include "netboot/service/servers.hpp"
#include "netboot/service/service_options.hpp"
#include "netboot/service/sessions.hpp"
#include "netboot/service/tasks.hpp"

#include <optional>
#include <string>

namespace rescue::netboot {

/// An order for a rescue.
struct RescueOrder {
  LeaseTerms terms;
  RescueRequest rescue;
  std::optional<bool> cycle;  ///< whether the server is reset into it; none: if it has a BMC
};

/// The current state of a rescue.
struct Rescue {
  ServerState state;
  std::optional<AgentSession> agent;  ///< none: armed or booted, and nothing was heard of it yet
  RescueRequest request;
};

/// Credentials that were asked for. They are handed out once.
struct HandedOut {
  AgentSession agent;
  std::optional<SealedCredentials> credentials;  ///< none: they were handed out before, at `agent.read`
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails, and `not_found` without
/// the server.
class Rescues {
public:
  struct Parts {
    Servers& servers;
    Leases& leases;
    Sessions& sessions;
    Tasks& tasks;
    BootBook& book;
  };
  /// The objects in `parts` outlive this.
  Rescues(const Parts& parts, ServiceOptions options) : parts_(parts), options_(std::move(options)) {}

  /// Throws `precondition` if something that the rescue needs is missing, and as Tasks::begin_rescue does.
  [[nodiscard]] Task start(const ServerName& name, const RescueOrder& order, const std::string& requested_by);
  /// Throws `not_found` when there is none.
  [[nodiscard]] Rescue find(const ServerName& name);
  /// Throws what Tasks::begin_finish throws.
  [[nodiscard]] Task finish(const ServerName& name, const FinishOrder& order);
  /// Throws what Tasks::begin_reissue throws.
  [[nodiscard]] Task reissue(const ServerName& name, const std::string& requested_by);
  /// Opens a helpdesk's ticket. Throws what Tasks::begin_ticket throws.
  [[nodiscard]] Task open_ticket(const ServerName& name, const TicketOrder& order, const std::string& requested_by);
  /// Throws what Tasks::begin_ticket_end throws.
  [[nodiscard]] Task end_ticket(const ServerName& name, const std::string& requested_by);
  /// Moves the end of the rescue's lease; throws as Leases::extend does.
  [[nodiscard]] ServerState extend(const ServerName& name, const LeaseExtension& extension,
                                   const std::string& requested_by);
  /// Throws `not_found` when there is no session or there are none yet, `conflict` when nobody could open them.
  [[nodiscard]] HandedOut hand_out_credentials(const ServerName& name, const std::string& taken_by);

private:
  const Parts parts_;
  const ServiceOptions options_;
};

}  // namespace rescue::netboot
