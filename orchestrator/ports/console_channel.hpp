// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the control plane for consoles in browsers: docs/console.md.

#include "core/handle.hpp"
#include "core/net/ip_address.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace rescue::ports {

/// A browser that waits for the guest's screen.
struct ConsoleCall {
  std::string id;         ///< new for each connection of a browser
  std::string relay_url;  ///< the netbootd that has the browser
  friend bool operator==(const ConsoleCall&, const ConsoleCall&) = default;
};

/// Throws `denied` if the token is unknown or revoked, `unavailable` or `timeout` if a retry may help, `not_found` for
/// a browser that has gone, `cancelled` on stop.
class ConsoleChannel {
public:
  virtual ~ConsoleChannel() = default;

  /// Blocks while the connection lasts, and calls `changed` with all calls at once and at each change.
  virtual void listen(const std::function<void(std::vector<ConsoleCall>)>& changed, const std::stop_token& stop) = 0;
  /// Passes bytes between the browser and `screen`, a connected VNC socket, until either ends; returns the reason, for
  /// the log. Dials `address`, one of the relay's.
  [[nodiscard]] virtual std::string serve(const ConsoleCall& call, const net::IpAddress& address, FileDescriptor screen,
                                          const std::stop_token& stop) = 0;
};

}  // namespace rescue::ports
