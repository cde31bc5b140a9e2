// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's SSH and RDP services in memory, for sessions that prove access: closed, slow to open, or refusing.

#include "orchestrator/ports/access_probe.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rescue::tests {

class FakeAccessProbe final : public ports::AccessProbe {
public:
  /// Whether the guest accepts this login; by default it accepts none, as in an image without a password.
  /// Tie it to the fake guest agent: `probe.accepts = [&](auto user, auto password) { return ...; };`
  std::function<bool(const std::string& user, std::string_view password)> accepts =
      [](const std::string&, std::string_view) { return false; };
  int ssh_closed_for = 0;  ///< that many calls find the port closed
  int rdp_closed_for = 0;
  bool ssh_stalls_at_banner = false;  ///< TCP opens, and the server sends nothing
  bool rdp_without_tls = false;       ///< the X.224 answer refuses every protocol
  bool nla = true;                    ///< the guest selects CredSSP; otherwise the proof ends at the handshake
  std::string host_key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  std::string host_key_blob = "AAAAC3NzaC1lZDI1NTE5AAAAIA==";  ///< not the key of the fingerprint
  std::string certificate = "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:"
                            "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";
  std::string whoami = "rescue\\administrator\r\n";

  /// Whether the guest accepts a login with this private key; SessionWorld ties it to the file in the fake guest.
  std::function<bool(const std::string& user, std::string_view private_key)> accepts_key =
      [](const std::string&, std::string_view) { return false; };
  int key_calls = 0;

  int ssh_calls = 0;
  int rdp_calls = 0;
  std::vector<ports::AccessTarget> targets;  ///< targets of the calls, in order

  domain::SshResult prove_ssh(const ports::AccessTarget& target, const Secret& password, Milliseconds) override {
    ++ssh_calls;
    targets.push_back(target);
    domain::SshResult result;
    if (ssh_closed_for > 0) {
      --ssh_closed_for;
      result.problem = "connection refused";
      return result;
    }
    result.readiness = domain::Readiness::tcp_open;
    result.problem = "no SSH banner within the limit";
    if (ssh_stalls_at_banner) return result;
    result.readiness = domain::Readiness::banner;
    result.host_key_fingerprint = host_key;
    result.host_key_type = "ssh-ed25519";
    result.host_key_blob = host_key_blob;
    result.problem = "the server refused the password of " + target.user;
    result.refused = !accepts(target.user, password.reveal());
    if (result.refused) return result;
    result.readiness = domain::Readiness::command_ran;
    result.command_output = whoami;
    result.problem.clear();
    return result;
  }

  domain::SshResult prove_ssh_key(const ports::AccessTarget& target, const Secret& key, Milliseconds) override {
    ++key_calls;
    targets.push_back(target);
    domain::SshResult result;
    result.readiness = domain::Readiness::banner;
    result.host_key_fingerprint = host_key;
    result.host_key_type = "ssh-ed25519";
    result.host_key_blob = host_key_blob;
    result.problem = "the server refused the key of " + target.user;
    result.refused = !accepts_key(target.user, key.reveal());
    if (result.refused) return result;
    result.readiness = domain::Readiness::command_ran;
    result.command_output = whoami;
    result.problem.clear();
    return result;
  }

  domain::RdpResult prove_rdp(const ports::AccessTarget& target, const Secret& password, Milliseconds) override {
    ++rdp_calls;
    targets.push_back(target);
    domain::RdpResult result;
    if (rdp_closed_for > 0) {
      --rdp_closed_for;
      result.problem = "connection refused";
      return result;
    }
    result.readiness = domain::Readiness::tcp_open;
    result.problem = "the server refuses TLS and CredSSP";
    if (rdp_without_tls) return result;
    result.readiness = domain::Readiness::banner;
    result.certificate_fingerprint = certificate;
    result.nla = nla;
    result.problem.clear();
    if (!nla) {
      result.proof = domain::RdpProof::handshake_only;
      return result;
    }
    if (!accepts(target.user, password.reveal())) {
      result.problem = "the server refused the password of " + target.user;
      return result;
    }
    result.readiness = domain::Readiness::authenticated;
    result.proof = domain::RdpProof::authenticated;
    return result;
  }
};

}  // namespace rescue::tests
