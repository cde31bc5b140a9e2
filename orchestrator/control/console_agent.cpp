// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/console_agent.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/unix_socket.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

namespace rescue::control {
namespace {

/// Waits, or until stopped.
void pause(Milliseconds limit, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any nothing;
  std::unique_lock lock(mutex);
  (void)nothing.wait_for(lock, stop, limit, [] { return false; });
}

bool holds(const std::vector<net::IpAddress>& addresses, const net::IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace

ConsoleAgent::ConsoleAgent(ports::ConsoleChannel& channel, SessionService& service, ConsoleAgentSettings settings)
    : channel_(channel), service_(service), settings_(std::move(settings)) {}

void ConsoleAgent::run() {
  thread_ = std::jthread([this](const std::stop_token& stop) { listen(stop); });
}

void ConsoleAgent::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void ConsoleAgent::listen(const std::stop_token& stop) {
  auto wait = settings_.first_pause;
  while (wait_until_connected(stop)) {
    try {
      channel_.listen(
          [&](const std::vector<ports::ConsoleCall>& calls) {
            wait = settings_.first_pause;
            follow(calls);
          },
          stop);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled) break;
      log::debug("no list of consoles: {}", report_of(error).one_line());
      if (error.code() == ErrorCode::denied) wait = settings_.longest_pause;
    } catch (const std::exception& error) {
      log::error("the list of consoles failed: {}", error.what());
    }
    // Open consoles stay: the list comes again, and netbootd closes those that have ended.
    pause(wait, stop);
    wait = std::min(2 * wait, settings_.longest_pause);
  }
  follow({});
  consoles_.clear();
}

/// Blocks until the control plane knows this host's token; false when stopped.
bool ConsoleAgent::wait_until_connected(const std::stop_token& stop) {
  constexpr Milliseconds look{1'000};
  auto view = service_.status();
  while (!stop.stop_requested()) {
    if (view.control_plane.state == ControlPlaneState::connected) return true;
    if (view.control_plane.state == ControlPlaneState::ended) follow({});
    pause(look, stop);
    view = service_.status();
  }
  return false;
}

void ConsoleAgent::follow(const std::vector<ports::ConsoleCall>& calls) {
  for (auto console = consoles_.begin(); console != consoles_.end();) {
    const bool is_listed = std::find(calls.begin(), calls.end(), console->call) != calls.end();
    if (!is_listed) console->thread.request_stop();
    // One that is done stays while it is listed, so that it is not dialled again.
    console = !is_listed && console->is_done ? consoles_.erase(console) : std::next(console);
  }
  for (const auto& call : calls) {
    const bool is_known =
        std::any_of(consoles_.begin(), consoles_.end(), [&](const auto& console) { return console.call == call; });
    if (is_known) continue;
    const auto open = std::count_if(consoles_.begin(), consoles_.end(), [](const auto& console) {
      return !console.is_done && !console.thread.get_stop_token().stop_requested();
    });
    if (static_cast<std::size_t>(open) >= settings_.most) {
      log::warning("console {} is not connected: there are {} already", call.id, open);
      continue;
    }
    auto& console = consoles_.emplace_back();
    console.call = call;
    console.thread = std::jthread([this, &console](const std::stop_token& stop) { serve(console, stop); });
  }
}

void ConsoleAgent::serve(Console& console, const std::stop_token& stop) {
  auto wait = settings_.first_pause;
  while (!stop.stop_requested()) {
    try {
      if (serve_once(console.call, stop)) break;
    } catch (const std::exception& error) {
      log::error("console {} failed: {}", console.call.id, report_of(error).one_line());
      break;
    }
    pause(wait, stop);
    wait = std::min(2 * wait, settings_.longest_pause);
  }
  console.is_done = true;
}

bool ConsoleAgent::serve_once(const ports::ConsoleCall& call, const std::stop_token& stop) {
  auto screen = connect_screen(stop);
  if (!screen) return true;
  try {
    const auto address = address_of(call);
    log::info("console {} is connected through {}", call.id, call.relay_url);
    const auto reason = channel_.serve(call, address, std::move(screen), stop);
    log::info("console {} has ended: {}", call.id, reason);
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) return true;
    if (error.code() == ErrorCode::denied) {
      log::error("console {} is refused: {} ({})", call.id, error.what(), error.hint());
      return true;
    }
    log::debug("console {} is not connected yet: {}", call.id, report_of(error).one_line());
    return false;
  }
}

/// None when stopped.
FileDescriptor ConsoleAgent::connect_screen(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto record = service_.status().record;
    if (record.active() && record.plan && !record.plan->guest.vnc_socket.empty()) {
      auto socket = unix_socket(SOCK_NONBLOCK);  // a hung QEMU does not accept
      if (connect_unix(socket, record.plan->guest.vnc_socket) == 0) return socket;
    }
    pause(settings_.screen_pause, stop);
  }
  return {};
}

net::IpAddress ConsoleAgent::address_of(const ports::ConsoleCall& call) {
  const auto plan = service_.status().record.plan;
  const auto addresses = settings_.addresses_of_url(call.relay_url);
  for (const auto& address : addresses) {
    if (plan && holds(plan->network.control_plane_addresses, address)) continue;
    throw Error(
        ErrorCode::denied,
        "the relay " + call.relay_url + " is at " + address.text() + ", which is not closed to the guest",
        "Name it in console.relay_urls of netbootd.yaml; a server learns it when it boots into its next rescue.");
  }
  if (addresses.empty()) throw Error(ErrorCode::network, "the relay " + call.relay_url + " has no address");
  return addresses.front();
}

}  // namespace rescue::control
