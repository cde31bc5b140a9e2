// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Listening socket: TCP, unix or inherited, with the right permissions from the first moment on.

#include "core/handle.hpp"
#include "core/http/server.hpp"

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace rescue::http {

class Listener {
public:
  /// Binds and listens, non-blocking. Replaces the file of a unix socket that nobody listens on. Throws `conflict` if
  /// somebody listens there or the TCP address is in use, and `io` for anything else.
  explicit Listener(const ServerOptions& options);
  /// Removes its own unix socket file, not one that another process put in its place.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Duplicates the socket for one more thread that accepts.
  [[nodiscard]] FileDescriptor share_fd() const;
  /// Closes the descriptor; the socket lives as long as its duplicates. The destructor still removes the file of a unix
  /// socket.
  void close_fd() noexcept { fd_.reset(); }
  /// Port; 0 on a unix socket.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
  void listen_tcp(const ServerOptions& options);
  void listen_unix(const ServerOptions& options);
  void adopt(int fd);
  void send_at_once() const;
  void read_port();

  FileDescriptor fd_;
  std::uint16_t port_ = 0;
  std::string path_;
  ino_t inode_ = 0;
};

/// Peer of an accepted socket.
struct Peer {
  std::string name;             ///< numeric address, or "unix"
  std::optional<unsigned> uid;  ///< SO_PEERCRED
};

/// Peer of an accepted socket; `address` is that of accept.
[[nodiscard]] Peer peer_of(int fd, const sockaddr_storage& address);

}  // namespace rescue::http
