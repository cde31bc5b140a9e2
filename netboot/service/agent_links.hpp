// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One-time links of host agents: kept for the customer of a rescue, and sent where the request wants that.

#include "core/secret.hpp"
#include "netboot/service/link_sender.hpp"
#include "netboot/service/secret_links.hpp"
#include "netboot/service/servers.hpp"
#include "netboot/service/service_options.hpp"
#include "netboot/service/sessions.hpp"

#include <optional>
#include <string>

namespace rescue::netboot {

/// A link as a host agent hands it over.
struct NewAgentLink {
  NewSecretLink link;
  std::optional<Secret> key{};   ///< of the link, to send it
  std::optional<Secret> code{};  ///< to pass it on
  std::string connection{};      ///< how to connect, as JSON; empty: as the heartbeats reported
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class AgentLinks {
public:
  struct Parts {
    SecretLinks& links;
    Sessions& sessions;
    Servers& servers;
  };
  /// The objects in `parts` outlive this.
  AgentLinks(const Parts& parts, ServiceOptions options) : parts_(parts), options_(std::move(options)) {}

  /// Keeps the link, revokes those that this server's agents have made before, and has it sent if its key comes with
  /// it. Idempotent for the same link of a session: it is sent again, which LinkSender ignores. Throws `conflict` for a
  /// key or code that the request of the rescue does not want here, `precondition` without a URL for links, and what
  /// SecretLinks::make and LinkSender throw.
  [[nodiscard]] SecretLink make(const std::string& session, NewAgentLink wanted, const std::string& made_by);

private:
  void send(const SecretLink& kept, const NewAgentLink& wanted, const AgentSession& agent,
            const RescueRequest& request);
  [[nodiscard]] std::optional<WallTime> end_of(const AgentSession& agent);

  const Parts parts_;
  const ServiceOptions options_;
};

}  // namespace rescue::netboot
