// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/daemon.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/http/server.hpp"
#include "core/net/ip_address.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/delivery/worker.hpp"
#include "netboot/events/event_feed.hpp"
#include "netboot/reload.hpp"
#include "netboot/service/tokens.hpp"
#include "netboot/store/store.hpp"
#include "netboot/tasks/worker.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace rescue::netboot {
namespace {

sigset_t awaited_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGHUP);
  return signals;
}

/// None if no signal comes within `patience`.
std::optional<int> next_signal(Milliseconds patience) {
  const auto signals = awaited_signals();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timespec limit{seconds.count(), std::chrono::nanoseconds(patience - seconds).count()};
  const int signal = ::sigtimedwait(&signals, nullptr, &limit);
  return signal > 0 ? std::optional(signal) : std::nullopt;
}

/// Interval of notifications to the watchdog; an hour without a watchdog.
Milliseconds watchdog_interval() {
  std::uint64_t limit = 0;
  constexpr Milliseconds seldom(3'600'000);
  if (::sd_watchdog_enabled(0, &limit) <= 0) return seldom;
  return std::chrono::duration_cast<Milliseconds>(std::chrono::microseconds(limit / 3));
}

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  constexpr long long million = 1'000'000;
  ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", now.tv_sec * million + now.tv_nsec / 1'000);
}

/// Limits connections to the open files that are left; raises the limit on open files if possible.
std::size_t room_for(std::size_t connections) {
  constexpr rlim_t others = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
  const auto wanted = connections + others;
  if (limit.rlim_cur < wanted) {
    const auto before = limit.rlim_cur;
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  }
  if (limit.rlim_cur >= wanted) return connections;
  const auto room = limit.rlim_cur > 2 * others ? limit.rlim_cur - others : others;
  log::warning("{} connections at the same time, not {}: the limit on open files is {}", room, connections,
               limit.rlim_cur);
  return room;
}

http::ServerOptions listen_options(const Config& config) {
  http::ServerOptions options;
  options.address = config.address;
  options.port = config.port;
  options.pool_threads = config.threads;
  options.reserved_threads = std::max(2U, config.threads / 2);
  options.slow_threads = config.bmc_calls;
  options.io_threads = config.io_threads;
  options.most_connections = room_for(config.connections);
  options.most_of_one_address = config.connections_per_address;
  options.trusted_proxies = config.trusted_proxies;
  constexpr std::size_t largest_body = 64U << 10U;
  options.largest_body = largest_body;
  if (::sd_listen_fds(1) > 0) options.inherited_fd = SD_LISTEN_FDS_START;
  return options;
}

std::string place(const Config& config, std::uint16_t port) {
  return fmt::format("{}:{}", net::host_in_url(config.address), port);
}

/// State behind the answers to requests. Outlives the server.
class Service {
public:
  Service(const Config& config, std::unique_ptr<Store> store, Clock& clock)
      : store_(std::move(store)), sessions_(*store_, config.agent_rules), tasks_(*store_, config.agent_rules),
        bmcs_(bmc_connector(config.legacy_tls), KeyFile(config.key_file), config.power, clock,
              Patience{.busy = config.bmc_patience}),
        events_(*store_, {.lease_ends_soon = config.lease_ends_soon}), consoles_(*store_, {.url = config.relay_url}),
        worker_({*store_, sessions_, tasks_, bmcs_}, config.tasks.threads, config.bmc_calls),
        retention_(*store_, config.retention), deliveries_(*store_, config.key_file, config.delivery, clock),
        allowances_(std::make_shared<api::Allowances>(config.request_limits, clock)) {}

  /// Router for `config`. It serves `server`, once that exists.
  [[nodiscard]] http::Router router(const Config& config, const std::unique_ptr<http::Server>& server) {
    api::ApiOptions options;
    options.lease_ttl = config.lease_ttl;
    options.catalogue = config.catalogue;
    options.agent = config.agent;
    options.agent_rules = config.agent_rules;
    options.tasks = config.tasks;
    options.key_file = config.key_file;
    options.links_url = config.links_url;
    options.delivery = config.delivery.rules();
    options.link_sender = config.delivery.receivers.empty() ? nullptr : &deliveries_;
    options.bmcs = &bmcs_;
    options.wake = [this] { worker_.wake(); };
    options.longest_lease_ttl = config.longest_lease_ttl;
    options.consoles = &consoles_;
    options.events = &events_;
    options.metrics = {[&server] { return server->counts(); }, [this] { return events_.streams(); }};
    options.files = config.files;
    options.web_folder = config.web_folder;
    options.limits = config.request_limits;
    options.refusals = refusals_;
    options.allowances = allowances_;
    return api::make_router(*store_, options);
  }
  void reload(const Config& config) {
    deliveries_.set(config.delivery);
    store_->set_limits(config.limits);
    allowances_->set(config.request_limits);
  }
  /// Open streams would delay the end of the server.
  void end_streams() { events_.stop(); }
  /// Writes down which consoles broke by the end of the server.
  void end_consoles() { consoles_.stop(); }

private:
  std::unique_ptr<Store> store_;
  Sessions sessions_;
  Tasks tasks_;
  BmcAccess bmcs_;
  EventFeed events_;
  ConsoleRelay consoles_;
  TaskWorker worker_;
  Retention retention_;
  DeliveryWorker deliveries_;
  std::shared_ptr<api::Refusals> refusals_ = std::make_shared<api::Refusals>();
  std::shared_ptr<api::Allowances> allowances_;
};

class Daemon {
public:
  Daemon(Config config, std::string config_file) : config_(std::move(config)), config_file_(std::move(config_file)) {}
  void serve(const std::string& port_file);

private:
  /// False while the database is away. Throws if waiting does not help.
  bool try_to_begin();
  /// Retries until the database is available; false if a signal to stop came.
  bool wait_for_database();
  /// Applies the file's current contents, as far as possible at run time; an invalid file changes nothing.
  void reload();
  /// Runs until a signal to stop comes.
  void mind();

  SystemClock clock_;
  Config config_;
  const std::string config_file_;
  std::unique_ptr<Service> service_;  ///< none until the database is available
  std::unique_ptr<http::Server> server_;
  std::optional<http::Router> router_;  ///< for the next reload
  std::string why_;                     ///< reason why the database is away
  bool reload_wanted_ = false;
};

bool Daemon::try_to_begin() {
  // On a thread of its own, so that the watchdog is notified during a long migration.
  auto opening = std::async(std::launch::async,
                            [this] { return std::make_unique<Store>(config_.database, config_.limits, clock_); });
  while (opening.wait_for(watchdog_interval()) != std::future_status::ready) ::sd_notify(0, "WATCHDOG=1");
  try {
    auto service = std::make_unique<Service>(config_, opening.get(), clock_);
    router_ = service->router(config_, server_);
    service_ = std::move(service);
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    why_ = error.what();
    return false;
  }
}

bool Daemon::wait_for_database() {
  constexpr Milliseconds longest(10'000);
  std::string said;
  for (Milliseconds pause(500);; pause = std::min(2 * pause, longest)) {
    if (why_ != said) log::error("waiting for the database: {}", why_);
    ::sd_notifyf(0, "STATUS=Waiting for the database: %s", why_.c_str());
    said = why_;
    const auto signal = next_signal(std::min(pause, watchdog_interval()));
    if (signal && signal != SIGHUP) {
      log::info("stopping on signal {}", *signal);
      return false;
    }
    reload_wanted_ = reload_wanted_ || signal.has_value();
    if (::sd_watchdog_enabled(0, nullptr) > 0) ::sd_notify(0, "WATCHDOG=1");
    if (try_to_begin()) break;
  }
  server_->replace(*std::exchange(router_, std::nullopt));
  log::info("the database is available");
  ::sd_notify(0, "STATUS=");
  return true;
}

void Daemon::reload() {
  notify_reloading();
  try {
    auto [config, kept] = reloaded(config_, config_from(Document::from_file(config_file_)));
    auto router = service_->router(config, server_);
    service_->reload(config);
    log::set_level(config.log_level);
    server_->replace(std::move(router));
    for (const auto& key : kept) log::warning("{}: {} has changed, which needs a restart", config_file_, key);
    config_ = std::move(config);
    log::info("{} was reloaded", config_file_);
  } catch (const std::exception& error) {
    log::error("the configuration is unchanged: {}", report_of(error).one_line());
  }
  ::sd_notify(0, "READY=1");
}

void Daemon::mind() {
  const auto interval = watchdog_interval();
  if (reload_wanted_) reload();
  while (true) {
    const auto signal = next_signal(interval);
    if (signal == SIGHUP) {
      reload();
    } else if (signal) {
      return log::info("stopping on signal {}", *signal);
    } else if (server_->responds(interval)) {
      ::sd_notify(0, "WATCHDOG=1");
    } else {
      log::error("the threads that answer requests hang: the service manager's watchdog is not notified");
    }
  }
}

void Daemon::serve(const std::string& port_file) {
  if (!try_to_begin()) router_ = api::make_waiting_router();
  server_ = std::make_unique<http::Server>(listen_options(config_), *std::exchange(router_, std::nullopt));
  server_->start();
  log::info("listening on {}", place(config_, server_->port()));
  if (!port_file.empty()) write_file_atomically(port_file, std::to_string(server_->port()) + "\n", 0644);
  ::sd_notify(0, "READY=1");
  if (service_ || wait_for_database()) mind();
  ::sd_notify(0, "STOPPING=1");
  if (service_) service_->end_streams();
  server_->stop(Milliseconds(5'000));
  if (service_) service_->end_consoles();
  log::info("stopped");
}

}  // namespace

void block_signals() {
  const auto signals = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void serve(Config config, const std::string& config_file, const std::string& port_file) {
  Daemon(std::move(config), config_file).serve(port_file);
}

void write_admin_token(const Config& config, const std::string& path) {
  // Checked first: the new token revokes the earlier ones.
  if (std::filesystem::exists(path)) {
    throw Error(ErrorCode::conflict, path + " exists", "Name a file that does not: tokens are never overwritten.");
  }
  const SystemClock clock;
  Store store(config.database, config.limits, clock);
  const auto token = Tokens(store).issue_first_admin().token;
  write_file_atomically(path, std::string_view(token.reveal()), 0600);
}

}  // namespace rescue::netboot
