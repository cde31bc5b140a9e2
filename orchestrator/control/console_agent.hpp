// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Connects the guest's screen with browsers that wait at the control plane. Has threads of its own: one that listens,
// and one for each browser. Nothing of it delays the session.

#include "core/clock.hpp"
#include "orchestrator/control/session_service.hpp"
#include "orchestrator/ports/console_channel.hpp"

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rescue::control {

struct ConsoleAgentSettings {
  std::size_t most = 8;            ///< browsers at a time
  Milliseconds screen_pause{250};  ///< between attempts to connect to the guest's screen
  Milliseconds first_pause{250};   ///< before the control plane is dialled again; doubled up to the next
  Milliseconds longest_pause{5'000};
  /// Addresses of the host in a URL. May block; throws `network`.
  std::function<std::vector<net::IpAddress>(const std::string& url)> addresses_of_url{};
};

/// `channel` and `service` outlive it.
class ConsoleAgent {
public:
  ConsoleAgent(ports::ConsoleChannel& channel, SessionService& service, ConsoleAgentSettings settings);
  ~ConsoleAgent() { stop(); }
  ConsoleAgent(const ConsoleAgent&) = delete;
  ConsoleAgent& operator=(const ConsoleAgent&) = delete;

  void run();
  /// Closes all consoles and ends the threads. Idempotent.
  void stop();

private:
  struct Console {
    ports::ConsoleCall call;
    std::atomic<bool> is_done{false};
    std::jthread thread{};
  };

  void listen(const std::stop_token& stop);
  [[nodiscard]] bool wait_until_connected(const std::stop_token& stop);
  /// Starts and stops consoles so that they are those of the list.
  void follow(const std::vector<ports::ConsoleCall>& calls);
  void serve(Console& console, const std::stop_token& stop);
  /// One attempt; true if there is nothing more to do for this call.
  [[nodiscard]] bool serve_once(const ports::ConsoleCall& call, const std::stop_token& stop);
  [[nodiscard]] FileDescriptor connect_screen(const std::stop_token& stop);
  /// An address of the relay, closed to the guest. Throws `denied` if one of its addresses is not.
  [[nodiscard]] net::IpAddress address_of(const ports::ConsoleCall& call);

  ports::ConsoleChannel& channel_;
  SessionService& service_;
  const ConsoleAgentSettings settings_;
  std::list<Console> consoles_;  ///< used by the listening thread only
  std::jthread thread_;
};

}  // namespace rescue::control
