// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proves access by programs that own nothing: what the guest sends is read by them, never by rescued.

#include "orchestrator/ports/access_probe.hpp"

#include <string>
#include <vector>

namespace rescue::access {

/// They make their own connections, so they have to start where a customer's would come from.
struct Programs {
  std::string probe;                     ///< rescue-access-probe
  std::string login;                     ///< rescue-rdp-login
  std::vector<std::string> argv_prefix;  ///< {"nsenter", "--net=/run/netns/rescue-prb"}; may be empty
};

/// SSH, and RDP up to TLS, by rescue-access-probe; where the server selects NLA, an authentication-only login by
/// rescue-rdp-login, pinned to the certificate that was just seen. Passwords go to their stdin. A program that crashes,
/// hangs or answers nonsense is a proof that failed. Throws `subprocess` when one can't be started: that is our
/// installation, not the guest. The limit holds wherever the server stalls; a program that hangs is killed a second
/// after it.
class CustomerAccessProbe final : public ports::AccessProbe {
public:
  explicit CustomerAccessProbe(Programs programs) : programs_(std::move(programs)) {}

  [[nodiscard]] domain::SshResult prove_ssh(const ports::AccessTarget& target, const Secret& password,
                                            Milliseconds limit) override;
  [[nodiscard]] domain::RdpResult prove_rdp(const ports::AccessTarget& target, const Secret& password,
                                            Milliseconds limit) override;

private:
  void log_in(const ports::AccessTarget& target, const Secret& password, Milliseconds limit,
              domain::RdpResult& result) const;

  Programs programs_;
};

}  // namespace rescue::access
