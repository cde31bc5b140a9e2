// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/reload.hpp"

namespace rescue::netboot {

Reloaded reloaded(const Config& running, Config wanted) {
  std::vector<std::string> kept;
  const auto keep = [&kept](const char* key, const auto& before, auto& now) {
    if (before == now) return;
    kept.emplace_back(key);
    now = before;
  };
  keep("listen.address", running.address, wanted.address);
  keep("listen.port", running.port, wanted.port);
  keep("listen.threads", running.threads, wanted.threads);
  keep("listen.io_threads", running.io_threads, wanted.io_threads);
  keep("listen.connections", running.connections, wanted.connections);
  keep("listen.connections_per_address", running.connections_per_address, wanted.connections_per_address);
  keep("listen.trusted_proxies", running.trusted_proxies, wanted.trusted_proxies);
  keep("database", running.database, wanted.database);
  keep("agent.alive", running.agent_rules.alive, wanted.agent_rules.alive);
  keep("agent.token_lifetime", running.agent_rules.token_lifetime, wanted.agent_rules.token_lifetime);
  keep("agent.heartbeat_interval", running.agent_rules.heartbeat_interval, wanted.agent_rules.heartbeat_interval);
  keep("agent.any_address", running.agent_rules.any_address, wanted.agent_rules.any_address);
  keep("lease.ends_soon", running.lease_ends_soon, wanted.lease_ends_soon);
  wanted.delivery.warn_before = wanted.lease_ends_soon;
  keep("console.relay_url", running.relay_url, wanted.relay_url);
  keep("retention", running.retention, wanted.retention);
  keep("bmc.settle", running.power.settle, wanted.power.settle);
  keep("bmc.patience", running.bmc_patience, wanted.bmc_patience);
  keep("bmc.legacy_tls", running.legacy_tls, wanted.legacy_tls);
  keep("bmc.shutdown", running.power.shutdown, wanted.power.shutdown);
  keep("bmc.calls", running.bmc_calls, wanted.bmc_calls);
  keep("tasks.threads", running.tasks.threads, wanted.tasks.threads);
  keep("secrets.key_file", running.key_file, wanted.key_file);
  keep("log.format", running.log_format, wanted.log_format);
  return {std::move(wanted), std::move(kept)};
}

}  // namespace rescue::netboot
