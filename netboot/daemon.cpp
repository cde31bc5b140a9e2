// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/daemon.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/http/server.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/events/event_feed.hpp"
#include "netboot/reload.hpp"
#include "netboot/store/store.hpp"
#include "netboot/tasks/worker.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <functional>
#include <optional>

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

/// None after `patience`.
std::optional<int> next_signal(Milliseconds patience) {
  const auto signals = awaited_signals();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timespec limit{seconds.count(), std::chrono::nanoseconds(patience - seconds).count()};
  const int signal = ::sigtimedwait(&signals, nullptr, &limit);
  return signal > 0 ? std::optional(signal) : std::nullopt;
}

/// How often the service manager wants to hear of us; without a watchdog anything.
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

/// Connections, as many as the limit on open files allows beside what else is open; it is raised where it may be.
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
  options.io_threads = config.io_threads;
  options.most_connections = room_for(config.connections);
  constexpr std::size_t largest_body = 64U << 10U;
  options.largest_body = largest_body;
  if (::sd_listen_fds(1) > 0) options.inherited_fd = SD_LISTEN_FDS_START;
  return options;
}

std::string place(const Config& config, std::uint16_t port) {
  const bool is_v6 = config.address.find(':') != std::string::npos;
  return fmt::format("{}:{}", is_v6 ? "[" + config.address + "]" : config.address, port);
}

/// Takes over what `file` says now, as far as that goes at run time; a file that is wrong changes nothing.
void reload(Config& running, const std::string& file, const std::function<void(const Config&)>& use) {
  notify_reloading();
  try {
    auto [config, kept] = reloaded(running, config_from(Document::from_file(file)));
    use(config);
    for (const auto& key : kept) log::warning("{}: {} has changed, which takes a restart", file, key);
    running = std::move(config);
    log::info("{} was read again", file);
  } catch (const std::exception& error) {
    log::error("the configuration stays as it was: {}", report_of(error).one_line());
  }
  ::sd_notify(0, "READY=1");
}

/// Until a signal to stop comes.
void mind(http::Server& server, const std::function<void()>& reload_now) {
  const auto interval = watchdog_interval();
  while (true) {
    const auto signal = next_signal(interval);
    if (signal == SIGHUP) {
      reload_now();
    } else if (signal) {
      return log::info("stopping on signal {}", *signal);
    } else if (server.responds(interval)) {
      ::sd_notify(0, "WATCHDOG=1");
    } else {
      log::error("the threads that answer requests do not get on: the service manager is not told that all is well");
    }
  }
}

}  // namespace

void block_signals() {
  const auto signals = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void serve(Config config, const std::string& config_file, const std::string& port_file) {
  SystemClock clock;
  Store store(config.database, config.limits, clock);
  Sessions sessions(store, config.agent_rules);
  Tasks tasks(store, config.agent_rules);
  BmcAccess bmcs(connect_bmc, KeyFile(config.key_file), config.power, clock);
  EventFeed events(store);
  TaskWorker worker({store, sessions, tasks, bmcs}, config.tasks.threads);
  http::Server* serving = nullptr;
  const MetricsSources metrics{[&serving] { return serving->counts(); }, [&events] { return events.streams(); }};
  const auto make_router = [&](const Config& now) {
    return api::make_router(store, {now.lease_ttl, now.longest_lease_ttl, now.rescue_windows, now.agent,
                                    now.agent_rules, now.tasks, &bmcs, &events, metrics, now.files,
                                    [&worker] { worker.wake(); }, now.request_limits});
  };
  http::Server server(listen_options(config), make_router(config));
  serving = &server;
  server.start();
  log::info("listening on {}", place(config, server.port()));
  if (!port_file.empty()) write_file_atomically(port_file, std::to_string(server.port()) + "\n", 0644);
  ::sd_notify(0, "READY=1");
  mind(server, [&] {
    reload(config, config_file, [&](const Config& now) {
      auto router = make_router(now);
      store.set_limits(now.limits);
      log::set_level(now.log_level);
      server.replace(std::move(router));
    });
  });
  ::sd_notify(0, "STOPPING=1");
  events.stop();  // a stream would keep the server waiting
  server.stop(Milliseconds(5'000));
  log::info("stopped");
}

void write_admin_token(const Config& config, const std::string& path) {
  // Looked at first: once the token is made, the earlier ones are worth nothing.
  if (std::filesystem::exists(path)) {
    throw Error(ErrorCode::conflict, path + " exists", "Name a file that does not: tokens are never overwritten.");
  }
  const SystemClock clock;
  Store store(config.database, config.limits, clock);
  const auto token = store.issue_admin_token();
  write_file_atomically(path, std::string_view(token.reveal()), 0600);
}

}  // namespace rescue::netboot
