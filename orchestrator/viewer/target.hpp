// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a helper wants to get in: from a form or an invitation, checked before anything is sent.

#include "core/net/ip_address.hpp"
#include "core/secret.hpp"
#include "core/tls/identity.hpp"
#include "orchestrator/viewer/problem.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rescue::viewer {

struct Endpoint {
  net::IpAddress address;
  std::uint16_t port = 0;
};

struct Target {
  Secret ticket;                           ///< as credentials::parse_ticket writes it
  std::vector<Endpoint> endpoints;         ///< tried in this order
  std::optional<tls::Digest> certificate;  ///< from an invitation: no other is accepted
  std::string name;                        ///< of the helper, for the customer

  [[nodiscard]] Target clone() const { return {ticket.clone(), endpoints, certificate, name}; }
};

/// The three fields as they were entered.
struct Entered {
  Secret ticket;
  std::string address;
  std::string port;
};

/// Throws the Problem of the first field that is wrong.
[[nodiscard]] Target target_of(const Entered& entered);

/// Reads an invitation (DaRT's inv32.xml; "Connection String 2" of MS-RAI). Throws Problem. Unknown parts are ignored.
[[nodiscard]] Target target_of_invitation(std::string_view xml);

}  // namespace rescue::viewer
