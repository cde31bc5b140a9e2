// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Knocks and relays on a thread of its own, and reports to GTK's main loop.

#include "core/handle.hpp"
#include "orchestrator/viewer/knock.hpp"

#include <functional>
#include <memory>
#include <thread>

namespace rescue::viewer {

/// The console that a connection shows.
struct Console {
  FileDescriptor socket;  ///< plain RFB
  Endpoint endpoint;
  credentials::TicketRole role{};
  std::string server;
};

/// Called on the main loop's thread, none after the Connection is gone.
struct ConnectionEvents {
  std::function<void(const std::string&)> progress;
  std::function<void(Console)> admitted;
  std::function<void(const Problem&)> refused;
};

/// One attempt, and the relay after it. The destructor cancels both and blocks until their thread ends, for as long as
/// a TCP connection may take (`KnockLimits::connect`).
class Connection {
public:
  Connection(Target target, ConnectionEvents events);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

private:
  void work();
  void relay(Admission admission);
  void post(std::function<void(ConnectionEvents&)> report) const;

  Target target_;
  std::shared_ptr<ConnectionEvents> events_;  ///< of the main loop's thread
  std::weak_ptr<ConnectionEvents> receiver_;  ///< the same, for reports
  FileDescriptor wake_;
  std::jthread thread_;
};

}  // namespace rescue::viewer
