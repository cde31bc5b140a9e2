// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/unix_socket.hpp"

#include "core/error.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

namespace rescue {
namespace {

using Call = int (*)(int, const sockaddr*, socklen_t);

int with_address(Call call, const FileDescriptor& socket, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw Error(ErrorCode::config_invalid, "the path of the socket is too long: " + path,
                "A unix socket's path has at most 100 characters.");
  }
  path.copy(address.sun_path, path.size());
  const void* const place = &address;
  return call(socket.get(), static_cast<const sockaddr*>(place), sizeof address) == 0 ? 0 : errno;
}

}  // namespace

FileDescriptor unix_socket(int flags) {
  FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd) throw system_error("can't create a socket", errno);
  return fd;
}

int connect_unix(const FileDescriptor& socket, const std::string& path) {
  return with_address(::connect, socket, path);
}

int bind_unix(const FileDescriptor& socket, const std::string& path) { return with_address(::bind, socket, path); }

}  // namespace rescue
