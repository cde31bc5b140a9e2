// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Listens to changes by other netbootds in the same PostgreSQL (LISTEN), and notifies subscribers here.

#include "core/handle.hpp"
#include "core/secret.hpp"
#include "netboot/store/changes.hpp"

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace rescue::netboot {

class DatabaseListener {
public:
  using ConnectionString = std::function<Secret()>;

  /// Listens from now on; retries after failures. After each time without a connection it notifies of `Change::all`.
  /// `changes` outlives the listener.
  DatabaseListener(ConnectionString connection_string, std::string replica, Changes& changes);
  ~DatabaseListener();
  DatabaseListener(const DatabaseListener&) = delete;
  DatabaseListener& operator=(const DatabaseListener&) = delete;

  /// The payload for these changes; 8000 bytes at most, PostgreSQL's limit.
  [[nodiscard]] static std::string to_text(const std::string& replica, const std::vector<Change>& changes);

private:
  struct Connection;

  [[nodiscard]] std::unique_ptr<Connection> connect() const;
  void run(const std::stop_token& stop, std::unique_ptr<Connection> connection);
  /// Returns when the connection is lost, or `stop` is requested.
  void listen(Connection& connection, const std::stop_token& stop);
  void hear(const std::string& text);

  const ConnectionString connection_string_;
  const std::string replica_;
  Changes& changes_;
  FileDescriptor stopping_;
  std::jthread thread_;
};

}  // namespace rescue::netboot
