// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the control plane for this host's agent: docs/host-agent.md.

#include "contract/session.hpp"
#include "core/secret.hpp"
#include "credentials/one_time_secret.hpp"
#include "orchestrator/domain/session_record.hpp"
#include "orchestrator/domain/ticket.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

namespace rescue::ports {

/// Answer to redeeming the boot token.
struct Redemption {
  std::string session;  ///< its id at the control plane
  Milliseconds heartbeat_interval{3'000};
  std::optional<domain::SessionRequest> request;  ///< none: no session is requested
};

struct Command {
  std::uint64_t id = 0;
  contract::AgentCommand kind = contract::AgentCommand::finish;
  domain::FinishOrder order{};   ///< of `finish`
  domain::TicketOrder ticket{};  ///< of `open_ticket`
};

/// Report to the control plane at each beat.
struct Heartbeat {
  domain::SessionRecord record;
  std::string waiting_for{};
  std::optional<domain::CommandOutcome> outcome{};  ///< of the last command that is done
  std::optional<domain::TicketReport> ticket{};     ///< none: none was opened
};

/// A one-time link as the control plane gets it. The page behind it opens `sealed`; decision 10 has the format.
struct OneTimeLink {
  std::string name;
  credentials::SealedSecret sealed;
  std::string link_verifier;
  std::string verifier{};          ///< of the code; empty: there is none
  std::optional<Secret> key{};     ///< of the link, where the control plane sends it; none: it stays here
  std::optional<Secret> code{};    ///< where the control plane passes it on; none: it stays here
  std::string sealed_for_panel{};  ///< link and code, sealed to the requester's key; empty: there is no such key
};

/// Answer to a heartbeat.
struct HeartbeatAnswer {
  std::optional<Command> command;      ///< again until a heartbeat shows that it was executed
  std::optional<WallTime> lease_ends;  ///< none: the session has no lease any more
};

/// All calls throw `denied` if the token is unknown or revoked, `conflict` if another host used it, `unavailable` or
/// `timeout` if a retry may help, `cancelled` on stop. They block for at most some seconds.
class AgentChannel {
public:
  virtual ~AgentChannel() = default;

  /// Redeems the boot token; after a restart of this process returns the earlier redemption of this boot. Idempotent.
  [[nodiscard]] virtual Redemption redeem(std::stop_token stop) = 0;
  /// Reports the session's progress.
  [[nodiscard]] virtual HeartbeatAnswer heartbeat(const Heartbeat& beat, std::stop_token stop) = 0;
  /// Delivers the credentials. `sealed`: bytes that only the requester can open.
  virtual void deliver(const std::string& sealed, const domain::ConnectionData& connection, std::stop_token stop) = 0;
  /// Delivers a one-time link. It revokes the links of this host before it. Idempotent for the same link.
  virtual void deliver_link(const OneTimeLink& link, const domain::ConnectionData& connection,
                            std::stop_token stop) = 0;
};

}  // namespace rescue::ports
