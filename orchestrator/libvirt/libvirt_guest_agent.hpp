// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest agent through libvirt, which owns the agent's channel.

#include "orchestrator/libvirt/connection.hpp"
#include "orchestrator/ports/guest_agent.hpp"

#include <memory>

namespace rescue::libvirt {

/// Every call, also `answers`, throws `hypervisor` when libvirt is down: the guest may be well. libvirt measures the
/// agent's time in seconds: limits are rounded up.
class LibvirtGuestAgent final : public ports::GuestAgent {
public:
  explicit LibvirtGuestAgent(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  void wait_until_ready(const std::string& guest, Milliseconds limit, std::stop_token stop) override;
  bool answers(const std::string& guest, Milliseconds limit) override;
  void set_password(const std::string& guest, const std::string& user, const Secret& password) override;
  ports::AgentCommandResult run(const std::string& guest, const std::vector<std::string>& argv,
                                Milliseconds limit) override;
  void write_file(const std::string& guest, const std::string& path, std::string_view content) override;

private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace rescue::libvirt
