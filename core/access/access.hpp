// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Access to a server over the network: how to reach it, and how far a login was proven.

#include "core/clock.hpp"
#include "core/handle.hpp"
#include "core/words.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace rescue::access {

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
  std::string problem;             ///< why it got no further, for people; empty at command_ran
  std::string host_key_blob = {};  ///< base64 of the public key, for known_hosts; empty: unknown
  bool refused = false;            ///< the server has said that it does not allow this login
};

struct RdpResult {
  Readiness readiness = Readiness::unreachable;  ///< banner: X.224 and TLS went through
  std::string certificate_fingerprint;           ///< SHA-256 of the DER, "ab:cd:..." in lower case
  bool nla = false;                              ///< the guest selected CredSSP
  RdpProof proof = RdpProof::none;
  std::string problem;
};

/// Target of a login: address, ports and user.
struct Target {
  std::string address;
  std::string user;
  unsigned ssh_port = 22;
  unsigned rdp_port = 3389;
};

struct Connection {
  FileDescriptor fd;    ///< connected; invalid if there is a problem
  std::string problem;  ///< "connection refused", for people
};

/// Connects within `limit`; does not throw if the peer does not answer.
using Connector = std::function<Connection(const std::string& address, unsigned port, Milliseconds limit)>;

}  // namespace rescue::access
