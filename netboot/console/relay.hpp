// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Joins browsers with the hosts whose screens they show. One thread for all: it speaks with the database, and ends what
// has ended. Frames go from socket to socket on the threads of the connections.

#include "core/http/websocket.hpp"
#include "netboot/console/consoles.hpp"
#include "netboot/console/host_list.hpp"
#include "netboot/console/relayed_console.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace rescue::netboot {

struct RelaySettings {
  std::string url;                     ///< where hosts reach this netbootd
  Milliseconds look{5'000};            ///< pause between looks at consoles that nothing was notified of
  Milliseconds resume{resume_window};  ///< until a broken console has ended
};

/// Thread-safe. Keeps running while the database is away, and catches up.
class ConsoleRelay {
public:
  /// `store` outlives this.
  ConsoleRelay(Store& store, RelaySettings settings);
  ~ConsoleRelay();
  ConsoleRelay(const ConsoleRelay&) = delete;
  ConsoleRelay& operator=(const ConsoleRelay&) = delete;

  /// Opens or resumes a console, and returns the browser's side of it. Blocks for the database; throws what Consoles
  /// does.
  [[nodiscard]] http::Upgrade open(std::string_view pass, const Acting& visitor);
  [[nodiscard]] http::Upgrade resume(std::string_view token, const Acting& visitor);
  /// The host's list of consoles.
  [[nodiscard]] http::Upgrade list_for(const ServerName& server, const std::string& session);
  /// The host's side of a console. Throws `not_found` if no browser waits here for this host.
  [[nodiscard]] http::Upgrade host_side(const ServerName& server, const std::string& session, const std::string& id);

  /// The passes and viewers.
  [[nodiscard]] Consoles& passes() noexcept;
  /// Ends the thread; consoles end with their sockets. Idempotent.
  void stop();
  /// Consoles with a browser here.
  [[nodiscard]] std::size_t consoles() const;

private:
  struct Core;
  [[nodiscard]] http::Upgrade browser_side(OpenedConsole opened);

  std::shared_ptr<Core> core_;
  Changes::Subscription subscription_;
  std::jthread thread_;
};

}  // namespace rescue::netboot
