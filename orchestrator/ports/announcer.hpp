// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port that announces the credentials to the customer: it gets the password once, and nobody stores it.

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "orchestrator/domain/access.hpp"
#include "orchestrator/domain/session_request.hpp"

#include <optional>
#include <stop_token>
#include <string>

namespace rescue::ports {

struct Announced {
  std::string to;       ///< receiver, for people; empty: nobody has taken the password
  std::string problem;  ///< receiver that did not get it, and why; empty: none
};

/// Receivers of the credentials beside the local caller.
struct Recipients {
  std::string server;
  std::string session;                        ///< at the control plane; empty: an operator's
  std::string public_key{};                   ///< X25519, base64: the credentials are sealed to it; empty: not sealed
  std::optional<domain::LinkRequest> link{};  ///< none: no one-time link is made
};

class Announcer {
public:
  virtual ~Announcer() = default;
  /// Delivers the password with the connection data to all recipients. Blocks for at most `limit` per receiver. It is
  /// no error if nobody takes it: rotating sets new credentials at any time.
  virtual Announced announce(const domain::ConnectionData& connection, const Secret& password,
                             const Recipients& recipients, Milliseconds limit, std::stop_token stop) = 0;
};

}  // namespace rescue::ports
