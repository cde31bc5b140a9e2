// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proves access by programs without privileges: they parse what the guest sends, rescued does not.

#include "orchestrator/ports/access_probe.hpp"

#include <string>
#include <vector>

namespace rescue::access {

/// Programs that connect by themselves; they must start in the network namespace that a customer's connections come
/// from.
struct Programs {
  std::string probe;                     ///< rescue-access-probe
  std::string login;                     ///< rescue-rdp-login
  std::vector<std::string> argv_prefix;  ///< {"nsenter", "--net=/run/netns/rescue-prb"}; may be empty
};

/// Proves SSH, and RDP up to TLS, by rescue-access-probe; if the server selects NLA, also an authentication-only login
/// by rescue-rdp-login, pinned to the certificate that was just seen. Passwords go to their stdin. A program that
/// crashes, hangs or gives an invalid answer is a failed proof. Throws `subprocess` if one can't be started: that is a
/// fault of our installation, not of the guest. The limit holds wherever the server stalls; a program that hangs is
/// killed a second after it.
class CustomerAccessProbe final : public ports::AccessProbe {
public:
  explicit CustomerAccessProbe(Programs programs) : programs_(std::move(programs)) {}

  [[nodiscard]] domain::SshResult prove_ssh(const ports::AccessTarget& target, const Secret& password,
                                            Milliseconds limit) override;
  [[nodiscard]] domain::RdpResult prove_rdp(const ports::AccessTarget& target, const Secret& password,
                                            Milliseconds limit) override;

  [[nodiscard]] domain::SshResult prove_ssh_key(const ports::AccessTarget& target, const Secret& key,
                                                Milliseconds limit) override;

private:
  [[nodiscard]] domain::SshResult ask_ssh(const char* means, const ports::AccessTarget& target, const Secret& secret,
                                          Milliseconds limit) const;
  void log_in(const ports::AccessTarget& target, const Secret& password, Milliseconds limit,
              domain::RdpResult& result) const;

  Programs programs_;
};

}  // namespace rescue::access
