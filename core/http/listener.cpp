// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/listener.hpp"

#include "core/net/ip_address.hpp"
#include "core/unix_socket.hpp"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace rescue::http {
namespace {

constexpr int backlog = 4096;  // net.core.somaxconn may limit it further

sockaddr* generic(sockaddr_storage& address) { return static_cast<sockaddr*>(static_cast<void*>(&address)); }

struct ReleaseAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

std::unique_ptr<addrinfo, ReleaseAddresses> numeric_address(const std::string& address, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) {
    throw Error(ErrorCode::config_invalid, "'" + address + "' is not an IP address to listen on",
                "Give an address of this machine, or 0.0.0.0 or :: for all of them.");
  }
  return std::unique_ptr<addrinfo, ReleaseAddresses>(found);
}

FileDescriptor stream_socket(int family) {
  FileDescriptor fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw system_error("can't create a socket", errno);
  return fd;
}

bool somebody_listens(const std::string& path) {
  const int error = connect_unix(unix_socket(SOCK_NONBLOCK), path);
  // EAGAIN is a full backlog: somebody listens, and is busy.
  return error == 0 || error == EAGAIN;
}

void refuse_occupied(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return;
  if (!S_ISSOCK(status.st_mode)) {
    throw Error(ErrorCode::conflict, path + " exists and is not a socket", "Move it away, or choose another path.");
  }
  if (somebody_listens(path)) {
    throw Error(ErrorCode::conflict, "another process already listens on " + path,
                "Stop it first, or choose another path.");
  }
}

void give_to(const std::string& path, const std::string& group) {
  if (::chmod(path.c_str(), group.empty() ? 0600 : 0660) != 0)
    throw system_error("can't set the mode of " + path, errno);
  if (group.empty()) return;
  std::array<char, 16384> space{};
  struct group entry {};
  struct group* found = nullptr;
  if (::getgrnam_r(group.c_str(), &entry, space.data(), space.size(), &found) != 0 || found == nullptr) {
    throw Error(ErrorCode::config_invalid, "there is no group '" + group + "' on this machine",
                "Create it with 'groupadd --system " + group + "', or name another.");
  }
  if (::chown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0) {
    throw system_error("can't give " + path + " to the group " + group, errno);
  }
}

}  // namespace

Listener::Listener(const ServerOptions& options) {
  if (options.inherited_fd >= 0) {
    adopt(options.inherited_fd);
  } else if (!options.unix_path.empty()) {
    listen_unix(options);
  } else {
    listen_tcp(options);
  }
}

Listener::~Listener() {
  struct stat status {};
  if (!path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_ino == inode_) ::unlink(path_.c_str());
}

void Listener::listen_tcp(const ServerOptions& options) {
  const auto address = numeric_address(options.address, options.port);
  auto fd = stream_socket(address->ai_family);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto place = options.address + " port " + std::to_string(options.port);
  if (::bind(fd.get(), address->ai_addr, address->ai_addrlen) != 0 || ::listen(fd.get(), backlog) != 0) {
    if (errno == EADDRINUSE) {
      throw Error(ErrorCode::conflict, "another process already listens on " + place,
                  "Stop it first ('ss -ltnp' names it), or choose another port.");
    }
    throw system_error("can't listen on " + place, errno);
  }
  fd_ = std::move(fd);
  send_at_once();
  read_port();
}

/// Sets TCP_NODELAY, which accepted sockets inherit. Fails without harm on a unix socket.
void Listener::send_at_once() const {
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void Listener::listen_unix(const ServerOptions& options) {
  refuse_occupied(options.unix_path);
  // Bind under another name, and rename when ready: there is no moment with a wrong mode or without a listener.
  const auto temporary = options.unix_path + ".new";
  ::unlink(temporary.c_str());
  auto fd = unix_socket(SOCK_NONBLOCK);
  ::fchmod(fd.get(), 0600);  // Linux creates the file with the mode of the socket, so there is no gap for others
  if (const int error = bind_unix(fd, temporary); error != 0) {
    throw system_error("can't create the socket " + options.unix_path, error, "Its folder must exist and be writable.");
  }
  try {
    give_to(temporary, options.unix_group);
    if (::listen(fd.get(), backlog) != 0) throw system_error("can't listen on " + options.unix_path, errno);
    struct stat status {};
    if (::lstat(temporary.c_str(), &status) != 0 || ::rename(temporary.c_str(), options.unix_path.c_str()) != 0) {
      throw system_error("can't create the socket " + options.unix_path, errno);
    }
    inode_ = status.st_ino;
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  path_ = options.unix_path;
  fd_ = std::move(fd);
}

void Listener::adopt(int fd) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) {
    throw Error(ErrorCode::io, "the inherited file descriptor " + std::to_string(fd) + " is not a listening socket");
  }
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    throw system_error("can't use the inherited socket", errno);
  }
  fd_ = FileDescriptor(fd);
  send_at_once();
  read_port();
}

void Listener::read_port() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd_.get(), generic(address), &size) != 0)
    throw system_error("can't read the socket's address", errno);
  const void* const place = &address;
  if (address.ss_family == AF_INET) port_ = ntohs(static_cast<const sockaddr_in*>(place)->sin_port);
  if (address.ss_family == AF_INET6) port_ = ntohs(static_cast<const sockaddr_in6*>(place)->sin6_port);
}

FileDescriptor Listener::share_fd() const {
  FileDescriptor fd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
  if (!fd) throw system_error("can't share the listening socket", errno);
  return fd;
}

Peer peer_of(int fd, const sockaddr_storage& address) {
  const void* const place = &address;
  if (const auto ip = net::IpAddress::of_socket(static_cast<const sockaddr*>(place))) return {ip->text(), std::nullopt};
  if (address.ss_family == AF_UNIX) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {"unix", std::nullopt};
    return {"unix", credentials.uid};
  }
  return {"unknown", std::nullopt};
}

}  // namespace rescue::http
