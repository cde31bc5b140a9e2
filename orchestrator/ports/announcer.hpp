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

class Announcer {
public:
  virtual ~Announcer() = default;
  /// Delivers the password with the connection data. Blocks for `limit` at most. Returns to whom it was delivered;
  /// empty when nobody took it, which is no error: new credentials can be had by rotation at any time.
  virtual std::string announce(const domain::ConnectionData& connection, const Secret& password, Milliseconds limit,
                               std::stop_token stop) = 0;
};

}  // namespace rescue::ports
