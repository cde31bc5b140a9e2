// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The listening socket: TCP, unix or inherited, with the permissions it is meant to have from its first moment on.

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
  /// Binds and listens, non-blocking. A unix socket's file that nobody listens on is replaced; one that answers is
  /// a `conflict`, as is a TCP address in use. Throws `io` for anything else.
  explicit Listener(const ServerOptions& options);
  /// Removes its own unix socket file, not one that another process has put in its place.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// The same socket once more, for one more thread that accepts.
  [[nodiscard]] FileDescriptor share_fd() const;
  /// From here on it lives as long as what was shared; the file of a unix socket still is removed by the destructor.
  void close_fd() noexcept { fd_.reset(); }
  /// 0 on a unix socket.
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

/// Who is at the other end of an accepted socket.
struct Peer {
  std::string name;             ///< numeric address, or "unix"
  std::optional<unsigned> uid;  ///< SO_PEERCRED
};

/// `address` as accept has told it.
[[nodiscard]] Peer peer_of(int fd, const sockaddr_storage& address);

}  // namespace rescue::http
