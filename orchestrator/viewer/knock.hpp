// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gets a helper in: connects, proves the ticket, lets the host prove it, waits for the customer's answer.

#include "core/tls/channel.hpp"
#include "credentials/ticket_messages.hpp"
#include "orchestrator/viewer/target.hpp"

#include <functional>

namespace rescue::viewer {

struct Admission {
  tls::Channel channel;  ///< the console's protocol (RFB) follows on it
  Endpoint endpoint;
  credentials::TicketRole role{};
  std::string server;  ///< printable
};

struct KnockLimits {
  Milliseconds connect{5'000};     ///< for each endpoint
  Milliseconds handshake{10'000};  ///< for each message but the customer's answer
};

/// Blocks until the helper is in; for at most the limits and the time that the host gives the customer. Throws Problem.
/// `progress` gets a text for people. `wake`: a descriptor that cancels when it is readable.
[[nodiscard]] Admission knock(const Target& target, const std::function<void(const std::string&)>& progress, int wake,
                              const KnockLimits& limits = {});

}  // namespace rescue::viewer
