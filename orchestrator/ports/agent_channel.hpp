// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role of the control plane as this host's agent speaks with it: docs/host-agent.md.

#include "orchestrator/domain/session_record.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

namespace rescue::ports {

/// What redeeming the boot token gave.
struct Redemption {
  std::string session;  ///< the control plane's name of it
  Milliseconds heartbeat_interval{3'000};
  std::optional<domain::SessionRequest> request;  ///< none: nobody asks for a session
};

struct FinishCommand {
  std::uint64_t id = 0;
  domain::FinishOrder order;
};

/// All calls throw `denied` when the token is not known (any more), `conflict` when it was used by another,
/// `unavailable` or `timeout` when another attempt is worth it, `cancelled` on stop. They block for some seconds at
/// most.
class AgentChannel {
public:
  virtual ~AgentChannel() = default;

  /// The redemption of this boot: of the one before this process was restarted, too. Repeating it costs nothing.
  [[nodiscard]] virtual Redemption redeem(std::stop_token stop) = 0;
  /// Tells where the session is. Returns what is to be done, the same again until a heartbeat shows that it was.
  [[nodiscard]] virtual std::optional<FinishCommand>
  heartbeat(const domain::SessionRecord& record, const std::string& waiting_for, std::stop_token stop) = 0;
  /// `sealed`: bytes that only the requester can open.
  virtual void deliver(const std::string& sealed, const domain::ConnectionData& connection, std::stop_token stop) = 0;
};

}  // namespace rescue::ports
