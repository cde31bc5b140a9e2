// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Client of netbootd's API for host agents: docs/host-agent.md.

#include "core/http/client.hpp"
#include "orchestrator/boot/hand_over.hpp"

namespace rescue::boot {

class NetbootAgent final : public ports::AgentChannel {
public:
  /// `options`: URL and CA come from the hand-over; `options.time_limit` is per request.
  NetbootAgent(HandOver hand_over, const http::ClientOptions& options);

  [[nodiscard]] ports::Redemption redeem(std::stop_token stop) override;
  [[nodiscard]] ports::HeartbeatAnswer heartbeat(const ports::Heartbeat& beat, std::stop_token stop) override;
  void deliver(const std::string& sealed, const domain::ConnectionData& connection, std::stop_token stop) override;
  void deliver_link(const ports::OneTimeLink& link, const domain::ConnectionData& connection,
                    std::stop_token stop) override;

private:
  HandOver hand_over_;
  http::ClientOptions options_;
  http::Client client_;  ///< with the agent token
};

/// Body of a heartbeat.
[[nodiscard]] std::string heartbeat_body(const ports::Heartbeat& beat);

}  // namespace rescue::boot
