// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// All use cases of one netbootd. An API gets this object, and nothing of the store.

#include "netboot/service/agent_links.hpp"
#include "netboot/service/audit_log.hpp"
#include "netboot/service/boot_modes.hpp"
#include "netboot/service/deliveries.hpp"
#include "netboot/service/host_agents.hpp"
#include "netboot/service/leases.hpp"
#include "netboot/service/operation.hpp"
#include "netboot/service/power.hpp"
#include "netboot/service/rescues.hpp"
#include "netboot/service/secret_links.hpp"
#include "netboot/service/servers.hpp"
#include "netboot/service/sessions.hpp"
#include "netboot/service/tasks.hpp"
#include "netboot/service/tokens.hpp"

namespace rescue::netboot {

/// Thread-safe.
class Services {
  Store& store_;

public:
  /// Reads all servers (BootBook); throws `unavailable`. `store` outlives this.
  Services(Store& store, const ServiceOptions& options)
      : store_(store), servers(store), leases(store), sessions(store, options.agent_rules),
        tasks(store, options.agent_rules), tokens(store), audit(store), operation(store),
        secret_links(store, options.key_file), deliveries(store, options.key_file, options.delivery),
        book(store, options.catalogue), boot_modes({leases, sessions, book}, options),
        rescues({servers, leases, sessions, tasks, book}, options), power({servers, tasks}, options),
        host_agents({sessions, book}, options), agent_links({secret_links, sessions, servers}, options) {}
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  /// Limits that decide whether a lease is still valid.
  [[nodiscard]] const LeaseLimits& limits() const noexcept { return store_.limits(); }
  [[nodiscard]] WallTime now() const { return store_.now(); }
  [[nodiscard]] const Clock& clock() const noexcept { return store_.clock(); }

  Servers servers;
  Leases leases;
  Sessions sessions;
  Tasks tasks;
  Tokens tokens;
  AuditLog audit;
  Operation operation;
  SecretLinks secret_links;
  Deliveries deliveries;
  BootBook book;
  BootModes boot_modes;
  Rescues rescues;
  Power power;
  HostAgents host_agents;
  AgentLinks agent_links;
};

}  // namespace rescue::netboot
