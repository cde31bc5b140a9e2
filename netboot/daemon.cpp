// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/daemon.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/http/server.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/store/store.hpp"
#include "netboot/tasks/worker.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace rescue::netboot {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

void wait_for_stop_signal() {
  const auto signals = stop_signals();
  int signal = 0;
  ::sigwait(&signals, &signal);
  log::info("stopping on signal {}", signal);
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

}  // namespace

void block_stop_signals() {
  const auto signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void serve(const Config& config, const std::string& port_file) {
  SystemClock clock;
  Store store(config.database, config.limits, clock);
  Sessions sessions(store, config.agent_rules);
  Tasks tasks(store, config.agent_rules);
  BmcAccess bmcs(connect_bmc, KeyFile(config.key_file), config.power, clock);
  TaskWorker worker({store, sessions, tasks, bmcs}, config.tasks.threads);
  http::Server server(listen_options(config),
                      api::make_router(store, {config.lease_ttl, config.longest_lease_ttl, config.rescue_windows,
                                               config.agent, config.agent_rules, config.tasks, &bmcs, config.files,
                                               [&worker] { worker.wake(); }, config.request_limits}));
  server.start();
  log::info("listening on {}", place(config, server.port()));
  if (!port_file.empty()) write_file_atomically(port_file, std::to_string(server.port()) + "\n", 0644);
  ::sd_notify(0, "READY=1");
  wait_for_stop_signal();
  ::sd_notify(0, "STOPPING=1");
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
