// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/overlay_disk.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/printable.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <libnbd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace rescue::identity {
namespace {

constexpr std::size_t largest_request = 1U << 20U;
constexpr std::size_t longest_message = 300;

[[noreturn]] void fail_nbd(ErrorCode code, const std::string& what) {
  throw Error(code, fmt::format("{}: {}", what, printable(nbd_get_error(), longest_message)),
              "Is the package qemu-utils installed? rescued's log has what qemu-nbd said.");
}

/// A socket in a folder that nobody else can enter, while it has a name at all.
class NamedSocket {
public:
  NamedSocket() {
    if (::mkdtemp(folder_.data()) == nullptr) throw system_error("cannot make " + folder_, errno);
    path_ = folder_ + "/socket";
  }
  ~NamedSocket() {
    (void)::unlink(path_.c_str());
    (void)::rmdir(folder_.c_str());
  }
  NamedSocket(const NamedSocket&) = delete;
  NamedSocket& operator=(const NamedSocket&) = delete;

  [[nodiscard]] FileDescriptor listen() const {
    return socket_that([](int socket, const sockaddr_un& name) {
      return ::bind(socket, address_of(name), sizeof name) == 0 && ::listen(socket, 1) == 0;
    });
  }
  [[nodiscard]] FileDescriptor connect() const {
    return socket_that(
        [](int socket, const sockaddr_un& name) { return ::connect(socket, address_of(name), sizeof name) == 0; });
  }

private:
  static const sockaddr* address_of(const sockaddr_un& name) {
    return reinterpret_cast<const sockaddr*>(&name);  // NOLINT: as bind(2) wants it
  }
  template <class Use>
  [[nodiscard]] FileDescriptor socket_that(Use use) const {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path_.copy(name.sun_path, sizeof name.sun_path - 1);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket || !use(socket.get(), name)) throw system_error("cannot make a socket for qemu-nbd", errno);
    return socket;
  }

  std::string folder_ = "/tmp/rescue-identity.XXXXXX";
  std::string path_;
};

/// Becomes qemu-nbd with the listening socket as systemd hands one over (sd_listen_fds(3)). Only in a child.
[[noreturn]] void become_server(int listening, const std::vector<char*>& argv) {
  constexpr int first_socket = 3;
  // dup2 to itself would leave the descriptor closed by exec.
  const bool moved =
      listening == first_socket ? ::fcntl(listening, F_SETFD, 0) == 0 : ::dup2(listening, first_socket) == first_socket;
  const bool named = ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1) == 0 &&
                     ::setenv("LISTEN_FDS", "1", 1) == 0 && ::unsetenv("LISTEN_FDNAMES") == 0;
  if (moved && named) ::execvp(argv[0], argv.data());
  constexpr int not_started = 127;
  ::_exit(not_started);
}

pid_t start_server(int listening, const std::string& path, Access access) {
  // The overlay is thrown away if this does not end well: nothing has to reach the disk below it now.
  std::vector<std::string> arguments{"qemu-nbd", "--shared=1", "--format=qcow2", "--cache=unsafe"};
  if (access == Access::read_only) arguments.emplace_back("--read-only");
  arguments.insert(arguments.end(), {"--", path});
  std::vector<char*> argv;
  std::transform(arguments.begin(), arguments.end(), std::back_inserter(argv),
                 [](std::string& text) { return text.data(); });
  argv.push_back(nullptr);
  const auto child = ::fork();
  if (child < 0) throw system_error("cannot start qemu-nbd", errno);
  if (child == 0) become_server(listening, argv);
  return child;
}

}  // namespace

void OverlayDisk::Close::operator()(nbd_handle* handle) const noexcept { nbd_close(handle); }

OverlayDisk::OverlayDisk(const std::string& path, Access access) : handle_(nbd_create()) {
  if (!handle_) fail_nbd(ErrorCode::unavailable, "cannot speak NBD");
  try {
    connect(path, access);
  } catch (...) {
    (void)end();
    throw;
  }
}

void OverlayDisk::connect(const std::string& path, Access access) {
  FileDescriptor connected;
  {
    const NamedSocket socket;
    const auto listening = socket.listen();
    connected = socket.connect();
    server_ = start_server(listening.get(), path, access);
  }
  if (nbd_connect_socket(handle_.get(), connected.release()) != 0) {
    fail_nbd(ErrorCode::unavailable, "qemu-nbd can't open " + path);
  }
  const auto size = nbd_get_size(handle_.get());
  if (size < 0) fail_nbd(ErrorCode::unavailable, "qemu-nbd can't open " + path);
  size_ = static_cast<std::uint64_t>(size);
}

OverlayDisk::~OverlayDisk() { (void)end(); }

int OverlayDisk::end() noexcept {
  handle_.reset();  // qemu-nbd ends with its only client
  if (server_ < 0) return 0;
  int status = -1;
  while (::waitpid(server_, &status, 0) < 0 && errno == EINTR) {
  }
  server_ = -1;
  return status;
}

bool OverlayDisk::read(void* into, std::size_t size, std::uint64_t offset) const noexcept {
  if (offset > size_ || size > size_ - offset) return false;
  auto* place = static_cast<char*>(into);
  while (size > 0) {
    const auto part = std::min(size, largest_request);
    if (nbd_pread(handle_.get(), place, part, offset, 0) != 0) return false;
    place += part;
    offset += part;
    size -= part;
  }
  return true;
}

void OverlayDisk::write(const std::vector<Patch>& patches) {
  for (const auto& [offset, bytes] : patches) {
    for (std::size_t done = 0; done < bytes.size(); done += largest_request) {
      const auto part = std::min(bytes.size() - done, largest_request);
      if (nbd_pwrite(handle_.get(), bytes.data() + done, part, offset + done, 0) != 0) {
        fail_nbd(ErrorCode::io, "cannot write to the overlay");
      }
    }
  }
}

void OverlayDisk::close() {
  if (nbd_shutdown(handle_.get(), 0) != 0) fail_nbd(ErrorCode::io, "cannot close the overlay");
  if (const int status = end(); status != 0) {
    throw Error(ErrorCode::io, fmt::format("qemu-nbd did not end well (wait status {})", status));
  }
}

std::vector<int> calls_of_overlay_disk() {
  return {SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg,   SYS_poll,
          SYS_ppoll,  SYS_shutdown, SYS_wait4,   SYS_getsockopt};
}

}  // namespace rescue::identity
