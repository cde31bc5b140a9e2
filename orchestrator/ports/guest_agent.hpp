// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the guest agent: acts inside the VM without a login.

#include "core/clock.hpp"
#include "core/guest_agent/protocol.hpp"
#include "core/secret.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::ports {

using AgentCommandResult = agent::CommandResult;

/// All calls throw `guest_agent` if the agent refuses or breaks, `timeout` if it does not answer in time.
class GuestAgent {
public:
  virtual ~GuestAgent() = default;

  /// Waits for the agent to connect and to answer a ping. Throws `timeout` after `limit`, `cancelled` on stop,
  /// `hypervisor` if the guest is gone.
  virtual void wait_until_ready(const std::string& guest, Milliseconds limit, std::stop_token stop) = 0;

  /// Sends one ping; false if there is no answer within `limit`. Never throws for a silent guest.
  [[nodiscard]] virtual bool answers(const std::string& guest, Milliseconds limit) = 0;

  /// Sets the password of an existing account. The agent's answer decides.
  virtual void set_password(const std::string& guest, const std::string& user, const Secret& password) = 0;

  /// Runs a program by argument vector in the guest and waits for its end, at most `limit`.
  [[nodiscard]] virtual AgentCommandResult run(const std::string& guest, const std::vector<std::string>& argv,
                                               Milliseconds limit) = 0;

  /// Writes a file of the guest, new or anew; its folder must exist. A failure may leave a part of it.
  virtual void write_file(const std::string& guest, const std::string& path, std::string_view content) = 0;
};

}  // namespace rescue::ports
