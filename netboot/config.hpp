// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// netbootd.yaml: where to listen, where the database is, what a rescue boot loads.

#include "core/clock.hpp"
#include "core/document.hpp"
#include "core/http/trusted_proxies.hpp"
#include "core/log_settings.hpp"
#include "netboot/api/rate_limits.hpp"
#include "netboot/bmc/power.hpp"
#include "netboot/boot/catalogue.hpp"
#include "netboot/boot/file_settings.hpp"
#include "netboot/boot/rescue_boot.hpp"
#include "netboot/delivery/settings.hpp"
#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/lease.hpp"
#include "netboot/domain/task.hpp"
#include "netboot/store/database_settings.hpp"
#include "netboot/store/retention.hpp"

#include <cstdint>
#include <string>

namespace rescue::netboot {

/// netbootd.example.yaml documents each key; these are the defaults it states.
struct Config {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8470;
  unsigned threads = 4;
  unsigned io_threads = 2;
  std::size_t connections = 16'384;
  std::size_t connections_per_address = 256;
  http::TrustedProxies trusted_proxies;
  DatabaseSettings database;
  LeaseLimits limits;
  Milliseconds lease_ttl{4 * 3'600'000};
  Milliseconds longest_lease_ttl{24 * 3'600'000};
  Milliseconds lease_ends_soon{3'600'000};  ///< before its end, for event and mail; 0: neither
  Catalogue catalogue;
  AgentEndpoint agent;
  AgentRules agent_rules;
  std::string relay_url;  ///< where host agents reach this netbootd for consoles
  std::string key_file = "/var/lib/netbootd/secrets.key";
  std::string links_url;  ///< base URL of one-time links; empty: unknown
  PowerLimits power;
  Milliseconds bmc_patience{120'000};  ///< how long a task retries a BMC that is busy or silent
  bool legacy_tls = false;             ///< for BMCs with a pinned certificate
  unsigned bmc_calls = 160;            ///< concurrent calls to BMCs for API requests, and as many again for tasks
  TaskLimits tasks;
  api::RequestLimits request_limits;
  FileSettings files;
  RetentionLimits retention;
  DeliverySettings delivery;
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::text;
  std::string web_folder = "/usr/share/rescue-netbootd/web";  ///< the pages for customers
};

/// Throws `config_invalid` naming file, line and key; an unknown key with a suggestion.
[[nodiscard]] Config config_from(const Document& document);

}  // namespace rescue::netboot
