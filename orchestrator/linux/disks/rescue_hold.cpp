// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-hold: keeps disks open exclusively (O_EXCL) while a rescue VM has them, so that the host can't mount or
// assemble them. Separate and minimal, because it must survive a crash of rescued.
#include "orchestrator/linux/disks/holder_protocol.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace holder = rescue::linux::holder;

namespace {

volatile std::sig_atomic_t asked_to_end = 0;
void on_sigterm(int) { asked_to_end = 1; }

struct HeldDisk {
  std::string path;
  std::string device;
  int fd = -1;
  bool is_other_path = false;  ///< to one of the other disks: kept from the host, not passed through
};

struct Failure {
  int code = 0;  ///< an exit code; 0: none
  std::string line;
};

std::string with_errno(const std::string& path, int error) {
  return path + ": " + std::to_string(error) + " " + std::strerror(error);
}

Failure open_all(std::vector<HeldDisk>& disks) {
  for (auto& disk : disks) {
    // O_EXCL without O_CREAT claims a block device; it has no effect on anything else.
    const int access = disk.is_other_path ? O_RDONLY : O_RDWR;
    disk.fd = ::open(disk.path.c_str(), access | O_EXCL | O_CLOEXEC | O_NONBLOCK);
    if (disk.fd < 0 && disk.is_other_path && errno != EBUSY) continue;  // a dead path: the disk can't be reached by it
    if (disk.fd < 0) return {holder::not_held, holder::cannot_hold + with_errno(disk.path, errno)};
    struct stat status {};
    if (::fstat(disk.fd, &status) != 0 || !S_ISBLK(status.st_mode)) {
      return {holder::not_held, holder::cannot_hold + with_errno(disk.path, ENOTBLK)};
    }
    disk.device = std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
  }
  return {};
}

/// Flushes and closes; returns a line for each failure.
std::string close_all(std::vector<HeldDisk>& disks) {
  std::string failures;
  for (auto& disk : disks) {
    if (!disk.is_other_path && (::fsync(disk.fd) != 0 || ::ioctl(disk.fd, BLKFLSBUF, 0) != 0)) {
      failures += holder::failed + disk.path + ": " + std::strerror(errno) + "\n";
    }
    if (disk.fd >= 0) ::close(disk.fd);
  }
  disks.clear();
  return failures;
}

bool address_of(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  return true;
}

int connect_or_bind(int fd, const sockaddr_un& address, decltype(&::connect) call) {
  return call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

/// Listens on `path`. Replaces a socket file without a listener: its holder was killed.
Failure listen_at(const std::string& path, int& listener) {
  sockaddr_un address{};
  if (!address_of(path, address)) return {holder::usage, "rescue-hold: the socket's path is too long: " + path};
  const auto folder_path = path.substr(0, path.find_last_of('/') + 1);
  // Held until we listen: a second holder that starts at once finds a live socket.
  const int folder = ::open(folder_path.empty() ? "." : folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0 || ::flock(folder, LOCK_EX) != 0) {
    return {holder::not_held, "rescue-hold: cannot use the folder of the socket " + with_errno(path, errno)};
  }
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool alive = connect_or_bind(probe, address, ::connect) == 0;
  ::close(probe);
  if (alive) return {holder::already_runs, "rescue-hold: another holder already listens on " + path};
  ::unlink(path.c_str());
  listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto mask = ::umask(0177);
  const int bound = connect_or_bind(listener, address, ::bind);
  ::umask(mask);
  if (bound != 0 || ::listen(listener, 8) != 0) {
    return {holder::not_held, "rescue-hold: cannot listen on " + with_errno(path, errno)};
  }
  ::close(folder);
  return {};
}

bool is_root(int client) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == 0;
}

long long now_ms() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1'000'000;
}

/// The request line; empty if the client is slow, silent or gone, or sends too much.
std::string read_request(int client) {
  constexpr long long patience_ms = 1000;
  constexpr std::size_t longest = 64;
  const auto deadline = now_ms() + patience_ms;
  std::string request;
  while (request.size() < longest) {
    pollfd wait{client, POLLIN, 0};
    const auto left = deadline - now_ms();
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return {};
    char c = 0;
    if (::recv(client, &c, 1, MSG_DONTWAIT) != 1) return {};
    if (c == '\n') return request;
    request += c;
  }
  return {};
}

/// Answers are far smaller than a socket's buffer: a longer write means that the client does not read.
void answer(int client, const std::string& text) {
  (void)!::send(client, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::string status_of(const std::vector<HeldDisk>& disks) {
  std::string text;
  for (const auto& disk : disks) {
    if (!disk.is_other_path) text += disk.device + " " + disk.path + "\n";
  }
  return text + holder::end_of_status + "\n";
}

/// Runs until it is released or gets SIGTERM.
void serve(int listener, const std::string& socket_path, std::vector<HeldDisk>& disks) {
  sigset_t while_waiting;
  ::sigemptyset(&while_waiting);
  while (asked_to_end == 0) {
    pollfd wait{listener, POLLIN, 0};
    if (::ppoll(&wait, 1, nullptr, &while_waiting) <= 0) continue;
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const auto request = is_root(client) ? read_request(client) : std::string();
    if (request == holder::release_request) {
      const auto failures = close_all(disks);
      ::unlink(socket_path.c_str());
      answer(client, failures + holder::released + "\n");
      return;
    }
    answer(client, request == holder::status_request ? status_of(disks) : "unknown\n");
    ::close(client);
  }
  close_all(disks);
  ::unlink(socket_path.c_str());
}

void handle_signals() {
  for (const int ignored : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2}) ::signal(ignored, SIG_IGN);
  struct sigaction end {};
  end.sa_handler = on_sigterm;
  ::sigaction(SIGTERM, &end, nullptr);
  sigset_t blocked;  // SIGTERM arrives inside ppoll only, so that none is lost between check and wait
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

/// Detaches from the caller's session, folder and descriptors. Keeps `readiness`.
int detach(int readiness) {
  ::setsid();
  (void)!::chdir("/");
  const int null = ::open("/dev/null", O_RDWR);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, stream);
  constexpr int kept = 3;
  if (readiness != kept) ::dup3(readiness, kept, O_CLOEXEC);
  ::close_range(kept + 1, ~0U, 0);
  if (FILE* oom = std::fopen("/proc/self/oom_score_adj", "we"); oom != nullptr) {
    (void)std::fputs("-1000", oom);  // refused without CAP_SYS_RESOURCE: ignored
    (void)std::fclose(oom);
  }
  return kept;
}

/// The child: reports one byte with the exit code and then the line for stderr, and serves.
int hold(int readiness, const std::string& socket_path, std::vector<HeldDisk> disks) {
  readiness = detach(readiness);
  handle_signals();
  int listener = -1;
  auto failure = listen_at(socket_path, listener);
  const bool listening = failure.code == 0;
  if (listening) failure = open_all(disks);
  const auto stop_listening = [&] {
    ::close(listener);
    ::unlink(socket_path.c_str());
  };
  // Before the report: its reader may at once start the next holder or use the disks.
  if (listening && failure.code != 0) {
    stop_listening();
    for (const auto& disk : disks) ::close(disk.fd);
  }
  const auto report = std::string(1, static_cast<char>('0' + failure.code)) + failure.line;
  const bool heard = ::write(readiness, report.data(), report.size()) == static_cast<ssize_t>(report.size());
  ::close(readiness);
  if (failure.code != 0) return failure.code;
  if (heard) {
    serve(listener, socket_path, disks);
  } else {
    stop_listening();  // the client is gone and does not know that the disks are held
  }
  return 0;
}

int wait_for_child(int readiness) {
  std::string report;
  char buffer[512];
  for (ssize_t count = 0; (count = ::read(readiness, buffer, sizeof buffer)) != 0;) {
    if (count > 0) report.append(buffer, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) break;
  }
  if (report.empty())
    report = std::string(1, static_cast<char>('0' + holder::not_held)) + "rescue-hold: the holder died as it started";
  if (report[0] != '0') (void)std::fprintf(stderr, "%s\n", report.c_str() + 1);
  return report[0] - '0';
}

struct TryResult {
  int disk = 0;
  int error = 0;
};

/// In a separate process. Read-only: closing a disk that was open for writing makes udev probe it again.
[[noreturn]] void try_one(int index, const char* path, bool exclusive, int results) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  // A caller that waits for the end of our output must not wait for a disk that hangs.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, stream);
  constexpr int attempts = 20;  // two attempts at once collide for microseconds only
  TryResult result{index, 0};
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (exclusive ? O_EXCL : 0));
    result.error = fd < 0 ? errno : 0;
    if (fd >= 0) ::close(fd);
    if (result.error != EBUSY) break;
    const timespec pause{0, 25'000'000};
    ::nanosleep(&pause, nullptr);
  }
  (void)!::write(results, &result, sizeof result);
  ::_exit(0);
}

/// Errors by disk; ETIMEDOUT for those that have not answered in time.
std::vector<int> try_all(const std::vector<const char*>& paths, bool exclusive) {
  std::vector<int> errors(paths.size(), ETIMEDOUT);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errors;
  for (std::size_t index = 0; index < paths.size(); ++index) {
    if (::fork() == 0) try_one(static_cast<int>(index), paths[index], exclusive, ends[1]);
  }
  ::close(ends[1]);
  const auto deadline = now_ms() + holder::try_seconds * 1000LL;
  for (std::size_t answered = 0; answered < paths.size(); ++answered) {
    pollfd wait{ends[0], POLLIN, 0};
    const auto left = deadline - now_ms();
    TryResult result;
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) break;
    if (::read(ends[0], &result, sizeof result) != static_cast<ssize_t>(sizeof result)) break;
    errors[static_cast<std::size_t>(result.disk)] = result.error;
  }
  ::close(ends[0]);
  return errors;
}

int try_disks(int argc, char** argv) {
  const std::vector<const char*> paths(argv + 3, argv + argc);
  const auto errors = try_all(paths, std::strcmp(argv[2], holder::try_exclusive) == 0);
  for (std::size_t index = 0; index < paths.size(); ++index) {
    if (errors[index] != 0) (void)std::printf("%d %s\n", errors[index], paths[index]);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 4 && std::strcmp(argv[1], holder::try_option) == 0) return try_disks(argc, argv);
  if (argc < 4 || std::strcmp(argv[1], "--socket") != 0 || argv[2][0] != '/') {
    (void)std::fputs("usage: rescue-hold --socket ABSOLUTE_PATH DISK... [--also DISK]...\n"
                     "       rescue-hold --try exclusive|shared DISK...\n"
                     "Holds the disks exclusively, in the background, until `release` is written to the socket;\n"
                     "or tries to open them, and prints errno and path of those that can't be.\n",
                     stderr);
    return holder::usage;
  }
  std::vector<HeldDisk> disks;
  for (int index = 3; index < argc; ++index) {
    const bool is_other_path = std::strcmp(argv[index], holder::also_option) == 0 && index + 1 < argc;
    if (is_other_path) ++index;
    disks.push_back({argv[index], {}, -1, is_other_path});
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return holder::not_held;
  const std::string socket_path = argv[2];
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    return hold(ends[1], socket_path, std::move(disks));
  }
  ::close(ends[1]);
  return child < 0 ? holder::not_held : wait_for_child(ends[0]);
}
