// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role of whoever tells the customer: it is handed the password once, and nobody keeps it afterwards.

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "orchestrator/domain/access.hpp"

#include <stop_token>
#include <string>

namespace rescue::ports {

struct Announced {
  std::string to;       ///< for people; empty: nobody has taken the password
  std::string problem;  ///< who should have had it, and why they have not; empty: none
};

class Announcer {
public:
  virtual ~Announcer() = default;
  /// Delivers the password with the connection data: sealed to `public_key` (X25519, base64) where there is one. Blocks
  /// for `limit` at most for each who is told. That nobody took it is no error: new credentials can be had by rotation
  /// at any time.
  virtual Announced announce(const domain::ConnectionData& connection, const Secret& password,
                             const std::string& public_key, Milliseconds limit, std::stop_token stop) = 0;
};

}  // namespace rescue::ports
