// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Access of a customer: its addresses and keys, and how far it was proven.

#include "core/access/access.hpp"

#include <string>

namespace rescue::domain {

using access::RdpProof;
using access::RdpResult;
using access::Readiness;
using access::SshResult;

/// Data that the customer needs besides the password; part of the status and of the announcement.
struct ConnectionData {
  std::string address;
  std::string user;
  std::string ssh_host_key;  ///< fingerprint
  std::string ssh_host_key_type;
  std::string rdp_certificate;  ///< fingerprint
  RdpProof rdp_proof = RdpProof::none;
  std::string ssh_host_key_blob = {};  ///< base64 of the public key; empty: unknown
  friend bool operator==(const ConnectionData&, const ConnectionData&) = default;
};

using rescue::name_of;

}  // namespace rescue::domain
