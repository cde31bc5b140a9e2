// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Access of a customer: its addresses and keys, and how far it was proven.

#include "core/words.hpp"

#include <string>
#include <string_view>

namespace rescue::domain {

/// How far a connection got. A probe returns it and does not throw, so that polling needs no catch.
enum class Readiness { unreachable, tcp_open, banner, authenticated, command_ran };
constexpr auto words_of(Readiness) {
  return words<Readiness>("unreachable", "tcp-open", "banner", "authenticated", "command-ran");
}

/// How far RDP was proven: only NLA lets a client authenticate without opening a session.
enum class RdpProof { none, handshake_only, authenticated };
constexpr auto words_of(RdpProof) { return words<RdpProof>("none", "handshake-only", "authenticated"); }

struct SshResult {
  Readiness readiness = Readiness::unreachable;
  std::string host_key_fingerprint;  ///< "SHA256:..." as OpenSSH prints it
  std::string host_key_type;         ///< "ssh-ed25519"
  std::string command_output;
  std::string problem;  ///< why it got no further, for people; empty at command_ran
};

struct RdpResult {
  Readiness readiness = Readiness::unreachable;  ///< banner: X.224 and TLS went through
  std::string certificate_fingerprint;           ///< SHA-256 of the DER, "ab:cd:..." in lower case
  bool nla = false;                              ///< the guest selected CredSSP
  RdpProof proof = RdpProof::none;
  std::string problem;
};

/// Data that the customer needs besides the password; part of the status and of the announcement.
struct ConnectionData {
  std::string address;
  std::string user;
  std::string ssh_host_key;  ///< fingerprint
  std::string ssh_host_key_type;
  std::string rdp_certificate;  ///< fingerprint
  RdpProof rdp_proof = RdpProof::none;
  friend bool operator==(const ConnectionData&, const ConnectionData&) = default;
};

using rescue::name_of;

}  // namespace rescue::domain
