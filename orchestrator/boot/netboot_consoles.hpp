// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Client of netbootd's WebSockets for host agents: docs/console.md.

#include "core/secret.hpp"
#include "orchestrator/ports/console_channel.hpp"

namespace rescue::boot {

class NetbootConsoles final : public ports::ConsoleChannel {
public:
  /// `url` and `ca_file` are those of the control plane; an empty file: the system's CAs.
  NetbootConsoles(std::string url, std::string ca_file, Secret agent_token);

  void listen(const std::function<void(std::vector<ports::ConsoleCall>)>& changed,
              const std::stop_token& stop) override;
  /// Throws `denied` for a relay without TLS where the control plane has TLS.
  [[nodiscard]] std::string serve(const ports::ConsoleCall& call, const net::IpAddress& address, FileDescriptor screen,
                                  const std::stop_token& stop) override;

private:
  const std::string url_;
  const std::string ca_file_;
  const Secret token_;
};

/// Calls in a message of netbootd. Throws `unavailable` for one that can't be parsed.
[[nodiscard]] std::vector<ports::ConsoleCall> console_calls_from(std::string_view message);

}  // namespace rescue::boot
