// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/config.hpp"

#include "netboot/boot_config.hpp"
#include "netboot/delivery_config.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace rescue::netboot {
namespace {

constexpr std::int64_t most_threads = 256;
constexpr std::int64_t most_calls = 4096;
constexpr std::int64_t most_connections = 1'000'000;
constexpr std::int64_t most_boots = 100;

void read_listen(const Field& listen, Config& config) {
  listen.only(
      {"address", "port", "threads", "io_threads", "connections", "connections_per_address", "trusted_proxies"});
  if (const auto address = listen.find("address")) config.address = address->text();
  if (const auto port = listen.find("port")) config.port = static_cast<std::uint16_t>(port->integer(0, UINT16_MAX));
  if (const auto threads = listen.find("threads")) {
    config.threads = static_cast<unsigned>(threads->integer(1, most_threads));
  }
  if (const auto threads = listen.find("io_threads")) {
    config.io_threads = static_cast<unsigned>(threads->integer(1, most_threads));
  }
  if (const auto connections = listen.find("connections")) {
    config.connections = static_cast<std::size_t>(connections->integer(1, most_connections));
  }
  if (const auto connections = listen.find("connections_per_address")) {
    config.connections_per_address = static_cast<std::size_t>(connections->integer(0, most_connections));
  }
  if (const auto proxies = listen.find("trusted_proxies")) {
    for (const auto& network : proxies->items()) {
      if (config.trusted_proxies.add(network.text())) continue;
      network.fail("is not a network of proxies", "Write it as 192.0.2.0/28, 2001:db8::/64, or one address.");
    }
  }
}

void read_lease(const Field& lease, Config& config) {
  lease.only({"ttl", "longest_ttl", "ends_soon", "boots", "repeat_window", "dead_man"});
  if (const auto soon = lease.find("ends_soon")) config.lease_ends_soon = soon->duration();
  if (const auto longest = lease.find("longest_ttl")) config.longest_lease_ttl = longest->duration();
  if (const auto ttl = lease.find("ttl")) {
    config.lease_ttl = ttl->duration();
    if (config.lease_ttl > config.longest_lease_ttl) ttl->fail("is longer than lease.longest_ttl allows");
    if (config.lease_ttl.count() == 0) ttl->fail("must be longer than nothing", "Write it as 4h.");
  }
  if (const auto boots = lease.find("boots")) {
    config.limits.boots = static_cast<unsigned>(boots->integer(1, most_boots));
  }
  if (const auto window = lease.find("repeat_window")) config.limits.repeat_window = window->duration();
  if (const auto dead_man = lease.find("dead_man")) config.limits.dead_man = dead_man->duration();
}

Milliseconds some_time(const Field& field) {
  const auto duration = field.duration();
  if (duration.count() == 0) field.fail("must be longer than nothing", "Write it as 20s.");
  return duration;
}

void read_agent(const Field& agent, AgentEndpoint& endpoint, AgentRules& rules) {
  agent.only({"url", "boot_url", "ca_file", "alive", "token_lifetime", "heartbeat_interval", "any_address"});
  if (const auto url = agent.find("url")) endpoint.url = web_url(*url);
  endpoint.boot_url = endpoint.url;
  if (const auto url = agent.find("boot_url")) endpoint.boot_url = web_url(*url);
  if (const auto file = agent.find("ca_file")) endpoint.ca_file = file->text();
  if (const auto alive = agent.find("alive")) rules.alive = some_time(*alive);
  if (const auto lifetime = agent.find("token_lifetime")) rules.token_lifetime = some_time(*lifetime);
  if (const auto any = agent.find("any_address")) rules.any_address = any->boolean();
  const auto interval = agent.find("heartbeat_interval");
  if (interval) rules.heartbeat_interval = some_time(*interval);
  if (rules.alive < 2 * rules.heartbeat_interval) {
    agent.fail("alive must be two heartbeats at least", "One lost answer must not make a host agent count as dead.");
  }
}

void read_console(const Field& console, Config& config) {
  console.only({"relay_url", "relay_urls"});
  if (const auto url = console.find("relay_url")) config.relay_url = web_url(*url);
  if (const auto urls = console.find("relay_urls")) {
    for (const auto& url : urls->items()) config.agent.relay_urls.push_back(web_url(url));
  }
}

void read_files(const Field& files, FileSettings& settings) {
  files.only({"path", "redirect", "max_age"});
  if (const auto path = files.find("path")) settings.path = path->text();
  if (const auto url = files.find("redirect")) settings.redirect = web_url(*url);
  if (!settings.path.empty() && !settings.redirect.empty()) files.fail("is either a path or a redirect, not both");
  if (const auto age = files.find("max_age")) settings.max_age = age->duration();
}

void read_tasks(const Field& tasks, TaskLimits& limits) {
  tasks.only({"threads", "rescue", "finish"});
  if (const auto threads = tasks.find("threads")) {
    limits.threads = static_cast<unsigned>(threads->integer(1, most_threads));
  }
  if (const auto rescue = tasks.find("rescue")) limits.rescue = some_time(*rescue);
  if (const auto finish = tasks.find("finish")) limits.finish = some_time(*finish);
}

void read_database(const Field& database, DatabaseSettings& settings) {
  database.only({"path", "url", "password_file", "connections", "statement_limit"});
  if (const auto path = database.find("path")) settings.path = path->text();
  if (const auto url = database.find("url")) {
    if (database.find("path")) url->fail("can't be combined with database.path, which is for SQLite");
    settings.url = url->text();
    const auto fault = fault_of_database_url(settings.url);
    if (!fault.empty()) {
      url->fail(fault,
                "Write it as postgresql://netbootd@db.example.com/netbootd?sslmode=verify-full, and the password "
                "into a file that database.password_file names.");
    }
  }
  if (const auto file = database.find("password_file")) settings.password_file = file->text();
  if (const auto connections = database.find("connections")) {
    settings.connections = static_cast<unsigned>(connections->integer(1, most_threads));
  }
  if (const auto limit = database.find("statement_limit")) settings.statement = some_time(*limit);
}

void read_limit(const Field& limits, const char* key, api::RateLimit& limit) {
  constexpr std::int64_t largest = 1'000'000;
  const auto field = limits.find(key);
  if (!field) return;
  field->only({"rate", "burst"});
  if (const auto rate = field->find("rate")) limit.rate = static_cast<unsigned>(rate->integer(0, largest));
  if (const auto burst = field->find("burst")) limit.burst = static_cast<unsigned>(burst->integer(1, largest));
}

void read_limits(const Field& limits, api::RequestLimits& requests) {
  limits.only({"token", "agent", "anonymous", "failed", "boot"});
  read_limit(limits, "token", requests.token);
  read_limit(limits, "agent", requests.agent);
  read_limit(limits, "anonymous", requests.anonymous);
  read_limit(limits, "failed", requests.failed);
  read_limit(limits, "boot", requests.boot);
}

/// Reads days, or a duration as `Field::duration` does.
Milliseconds age_of(const Field& field) {
  if (!field.json().is_string()) return field.duration();
  const auto text = field.string();
  constexpr int most_days = 36'500;
  int days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (error != std::errc() || std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)) != "d") {
    return field.duration();
  }
  if (days < 0 || days > most_days) field.fail("must be a hundred years at most", "Write it as 90d; 0 is forever.");
  return std::chrono::hours(24) * days;
}

void read_retention(const Field& retention, RetentionLimits& limits) {
  retention.only({"tasks", "sessions", "leases", "boot_tokens", "secrets", "deliveries", "every"});
  if (const auto age = retention.find("tasks")) limits.tasks = age_of(*age);
  if (const auto age = retention.find("sessions")) limits.sessions = age_of(*age);
  if (const auto age = retention.find("leases")) limits.leases = age_of(*age);
  if (const auto age = retention.find("boot_tokens")) limits.boot_tokens = age_of(*age);
  if (const auto age = retention.find("secrets")) limits.secrets = age_of(*age);
  if (const auto age = retention.find("deliveries")) limits.deliveries = age_of(*age);
  if (const auto every = retention.find("every")) limits.every = some_time(*every);
}

void read_log(const Field& log, Config& config) {
  log.only({"level", "format"});
  if (const auto level = log.find("level")) config.log_level = level->word<log::Level>();
  if (const auto format = log.find("format")) config.log_format = format->word<log::Format>();
}

}  // namespace

Config config_from(const Document& document) {
  Config config;
  const auto root = document.root();
  root.only({"listen", "database", "lease", "boot", "agent", "console", "bmc", "tasks", "files", "web", "secrets",
             "links", "delivery", "limits", "retention", "log"});
  if (const auto listen = root.find("listen")) read_listen(*listen, config);
  if (const auto database = root.find("database")) read_database(*database, config.database);
  if (const auto lease = root.find("lease")) read_lease(*lease, config);
  if (const auto boot = root.find("boot")) config.catalogue = catalogue_from(*boot);
  if (const auto agent = root.find("agent")) read_agent(*agent, config.agent, config.agent_rules);
  config.relay_url = config.agent.url;
  if (const auto console = root.find("console")) read_console(*console, config);
  auto& closed = config.agent.relay_urls;
  if (config.relay_url != config.agent.url &&
      std::find(closed.begin(), closed.end(), config.relay_url) == closed.end()) {
    closed.push_back(config.relay_url);
  }
  if (const auto bmc = root.find("bmc")) {
    bmc->only({"settle", "shutdown", "patience", "legacy_tls", "calls"});
    if (const auto patience = bmc->find("patience")) config.bmc_patience = some_time(*patience);
    if (const auto legacy = bmc->find("legacy_tls")) config.legacy_tls = legacy->boolean();
    if (const auto calls = bmc->find("calls")) config.bmc_calls = static_cast<unsigned>(calls->integer(1, most_calls));
    if (const auto shutdown = bmc->find("shutdown")) config.power.shutdown = some_time(*shutdown);
    if (const auto settle = bmc->find("settle")) config.power.settle = some_time(*settle);
  }
  if (const auto tasks = root.find("tasks")) read_tasks(*tasks, config.tasks);
  if (const auto files = root.find("files")) read_files(*files, config.files);
  if (const auto web = root.find("web")) {
    web->only({"folder"});
    if (const auto folder = web->find("folder")) config.web_folder = folder->text();
  }
  if (const auto secrets = root.find("secrets")) {
    secrets->only({"key_file"});
    if (const auto file = secrets->find("key_file")) config.key_file = file->text();
  }
  if (const auto links = root.find("links")) {
    links->only({"url"});
    if (const auto url = links->find("url")) config.links_url = web_url(*url);
  }
  if (const auto delivery = root.find("delivery")) config.delivery = delivery_from(*delivery);
  config.delivery.warn_before = config.lease_ends_soon;
  if (const auto limits = root.find("limits")) read_limits(*limits, config.request_limits);
  if (const auto retention = root.find("retention")) read_retention(*retention, config.retention);
  if (const auto log = root.find("log")) read_log(*log, config);
  return config;
}

}  // namespace rescue::netboot
