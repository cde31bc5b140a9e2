// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the control plane for this host's agent: docs/host-agent.md.

#include "orchestrator/domain/session_record.hpp"

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

struct FinishCommand {
  std::uint64_t id = 0;
  domain::FinishOrder order;
};

/// All calls throw `denied` if the token is unknown or revoked, `conflict` if another host used it, `unavailable` or
/// `timeout` if a retry may help, `cancelled` on stop. They block for at most some seconds.
class AgentChannel {
public:
  virtual ~AgentChannel() = default;

  /// Redeems the boot token; after a restart of this process returns the earlier redemption of this boot. Idempotent.
  [[nodiscard]] virtual Redemption redeem(std::stop_token stop) = 0;
  /// Reports the session's progress. Returns the pending command, again until a heartbeat shows that it was executed.
  [[nodiscard]] virtual std::optional<FinishCommand>
  heartbeat(const domain::SessionRecord& record, const std::string& waiting_for, std::stop_token stop) = 0;
  /// Delivers the credentials. `sealed`: bytes that only the requester can open.
  virtual void deliver(const std::string& sealed, const domain::ConnectionData& connection, std::stop_token stop) = 0;
};

}  // namespace rescue::ports
