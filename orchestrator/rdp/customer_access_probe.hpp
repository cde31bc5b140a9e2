// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Both provers as the one role that the session knows.

#include "orchestrator/rdp/rdp_prover.hpp"
#include "orchestrator/ssh/ssh_prover.hpp"

namespace rescue::rdp {

class CustomerAccessProbe final : public ports::AccessProbe {
public:
  CustomerAccessProbe(ssh::SshProver ssh, RdpProver rdp) : ssh_(std::move(ssh)), rdp_(std::move(rdp)) {}

  [[nodiscard]] domain::SshResult prove_ssh(const ports::AccessTarget& target, const Secret& password,
                                            Milliseconds limit) override {
    return ssh_.prove(target, password, limit);
  }
  [[nodiscard]] domain::RdpResult prove_rdp(const ports::AccessTarget& target, const Secret& password,
                                            Milliseconds limit) override {
    return rdp_.prove(target, password, limit);
  }

private:
  ssh::SshProver ssh_;
  RdpProver rdp_;
};

}  // namespace rescue::rdp
