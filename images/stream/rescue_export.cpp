// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-export: holds the socket of a streamed image and keeps nbdkit with our plugin running on it. Separate and
// minimal, because the guest reads its system disk through it and it must survive a crash of rescued. When nbdkit
// crashes, QEMU's next connection waits in this socket's backlog until a new nbdkit has the cache again.
#include "images/stream/export_protocol.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

namespace exporter = rescue::stream::exporter;

namespace {

constexpr int listener_fd = 3;  ///< of socket activation: nbdkit serves the socket that it is given there
constexpr int start_limit_ms = 20'000;
constexpr int end_limit_ms = 3'000;
constexpr int lock_limit_ms = 300;

struct Options {
  std::string socket;
  std::string settings;
  std::string group;
  std::string nbdkit = "nbdkit";
  std::string plugin;
};

struct Failure {
  int code = 0;  ///< an exit code; 0: none
  std::string line;
};

Failure failure_of(const std::string& what) {
  return {exporter::not_serving, "rescue-export: " + what + ": " + std::strerror(errno)};
}

long long now_ms() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1'000'000;
}

void sleep_ms(long long duration) {
  const timespec pause{duration / 1000, (duration % 1000) * 1'000'000};
  ::nanosleep(&pause, nullptr);
}

/// Folder of this program, with a slash.
std::string own_folder() {
  std::array<char, 4096> path{};
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  const std::string text(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return text.substr(0, text.find_last_of('/') + 1);
}

std::string default_plugin() {
  const auto beside = own_folder() + exporter::plugin_name;
  return ::access(beside.c_str(), R_OK) == 0 ? beside : own_folder() + "../lib/rescue/" + exporter::plugin_name;
}

/// Takes the lock file beside the socket, which is held as long as this export exists, and writes our pid into it.
Failure take_lock(const std::string& socket, int& lock) {
  lock = ::open((socket + exporter::lock_suffix).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return failure_of("cannot open " + socket + exporter::lock_suffix);
  // A caller that looks whether we run takes the lock for a moment.
  const auto deadline = now_ms() + lock_limit_ms;
  while (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (now_ms() < deadline) {
      sleep_ms(10);
      continue;
    }
    return {exporter::already_runs, "rescue-export: another exporter serves " + socket};
  }
  const auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock, 0) != 0 || ::write(lock, pid.data(), pid.size()) != static_cast<ssize_t>(pid.size())) {
    return failure_of("cannot write " + socket + exporter::lock_suffix);
  }
  (void)!::ftruncate(STDERR_FILENO, 0);  // the log of an earlier export; not before the lock, while one may run
  return {};
}

bool address_of(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  return true;
}

/// Id of a group by name or number; none if there is no such group.
std::optional<gid_t> group_id(const std::string& name) {
  if (const auto* const group = ::getgrnam(name.c_str()); group != nullptr) return group->gr_gid;
  gid_t number = 0;
  const auto* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  // chown(2) takes the largest one for "leave it as it is".
  const bool valid = error == std::errc{} && rest == end && number != static_cast<gid_t>(-1);
  return valid ? std::optional(number) : std::nullopt;
}

/// Listens with mode 0600, or 0660 for the group that QEMU runs in.
Failure listen_at(const Options& options, int& listener) {
  sockaddr_un address{};
  if (!address_of(options.socket, address)) {
    return {exporter::usage, "rescue-export: the socket's path is too long: " + options.socket};
  }
  const auto group = group_id(options.group);
  if (!options.group.empty() && !group) {
    return {exporter::usage, "rescue-export: there is no group " + options.group};
  }
  ::unlink(options.socket.c_str());
  listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto mask = ::umask(0177);
  const int bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(mask);
  if (bound != 0) return failure_of("cannot listen on " + options.socket);
  if (group && (::chown(options.socket.c_str(), static_cast<uid_t>(-1), *group) != 0 ||
                ::chmod(options.socket.c_str(), 0660) != 0)) {
    return failure_of("cannot give " + options.socket + " to the group " + options.group);
  }
  return ::listen(listener, 16) == 0 ? Failure{} : failure_of("cannot listen on " + options.socket);
}

/// In the child: becomes nbdkit, which ends with us. By SIGKILL: nbdkit heeds SIGTERM only once its clients disconnect
/// or send something, and QEMU does neither while its guest is paused. The cache survives it.
[[noreturn]] void become_nbdkit(const Options& options, int listener, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (listener != listener_fd) {
    ::dup2(listener, listener_fd);
  } else {
    ::fcntl(listener_fd, F_SETFD, 0);
  }
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  const auto settings = "settings=" + options.settings;
  ::execlp(options.nbdkit.c_str(), "nbdkit", "--foreground", "--readonly", "--threads=16", options.plugin.c_str(),
           settings.c_str(), static_cast<char*>(nullptr));
  (void)std::fprintf(stderr, "rescue-export: cannot run %s: %s\n", options.nbdkit.c_str(), std::strerror(errno));
  ::_exit(127);
}

pid_t start_nbdkit(const Options& options, int listener) {
  const auto parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become_nbdkit(options, listener, parent);
  if (child < 0) (void)std::fprintf(stderr, "rescue-export: cannot start nbdkit: %s\n", std::strerror(errno));
  return child;
}

/// Waits until the child has ended, and reports how; at once without a child. False for SIGTERM.
bool wait_for_end(pid_t child) {
  sigset_t watched;
  ::sigemptyset(&watched);
  ::sigaddset(&watched, SIGTERM);
  ::sigaddset(&watched, SIGCHLD);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, WNOHANG) == 0) {
    if (::sigwaitinfo(&watched, nullptr) == SIGTERM) return false;
  }
  if (child > 0) {
    (void)std::fprintf(stderr, "rescue-export: nbdkit has ended (%s %d)\n",
                       WIFSIGNALED(status) ? "signal" : "exit code",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  }
  return true;
}

/// True if the child has ended; it stays to be waited for.
bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == child;
}

/// True once nbdkit greets on the socket; false if it ends, or takes too long.
bool greets(const std::string& socket, pid_t child) {
  sockaddr_un address{};
  if (!address_of(socket, address)) return false;
  const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto deadline = now_ms() + start_limit_ms;
  bool has_greeted = false;
  if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    while (!has_greeted && now_ms() < deadline && !has_ended(child)) {
      pollfd wait{client, POLLIN, 0};
      std::array<char, 8> greeting{};
      if (::poll(&wait, 1, 50) <= 0) continue;
      if (::recv(client, greeting.data(), greeting.size(), 0) <= 0) break;
      has_greeted = std::memcmp(greeting.data(), "NBDMAGIC", greeting.size()) == 0;
    }
  }
  ::close(client);
  return has_greeted;
}

/// SIGTERM, and SIGKILL for one that waits for a mirror. Returns once it has ended.
void end_nbdkit(pid_t child) {
  if (child <= 0) return;
  ::kill(child, SIGTERM);
  for (const auto deadline = now_ms() + end_limit_ms; now_ms() < deadline;) {
    if (::waitpid(child, nullptr, WNOHANG) != 0) return;
    sleep_ms(10);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

/// Starts nbdkit again whenever it ends, until SIGTERM.
void supervise(const Options& options, int listener, pid_t child) {
  constexpr long long first_pause = 100;
  constexpr long long longest_pause = 5'000;
  auto pause = first_pause;
  auto started = now_ms();
  while (wait_for_end(child)) {
    pause = now_ms() - started > longest_pause ? first_pause : std::min(pause * 2, longest_pause);
    (void)std::fprintf(stderr, "rescue-export: starting nbdkit again in %lld ms\n", pause);
    const timespec wait{pause / 1000, (pause % 1000) * 1'000'000};
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    if (::sigtimedwait(&term, nullptr, &wait) == SIGTERM) return;
    started = now_ms();
    child = start_nbdkit(options, listener);
  }
  end_nbdkit(child);
}

/// Detaches from the caller's session and descriptors; stderr becomes the log file. Keeps `readiness`.
int detach(int readiness, const std::string& log) {
  ::setsid();
  (void)!::chdir("/");
  const int null = ::open("/dev/null", O_RDWR);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(file >= 0 ? file : null, STDERR_FILENO);
  constexpr int kept = 4;  // behind `listener_fd`
  if (readiness != kept) ::dup3(readiness, kept, O_CLOEXEC);
  ::close(listener_fd);
  ::close_range(kept + 1, ~0U, 0);
  if (FILE* oom = std::fopen("/proc/self/oom_score_adj", "we"); oom != nullptr) {
    (void)std::fputs("-1000", oom);  // refused without CAP_SYS_RESOURCE: ignored
    (void)std::fclose(oom);
  }
  sigset_t blocked;
  ::sigfillset(&blocked);
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
  return kept;
}

/// The child: reports one byte with the exit code and then the line for stderr, and supervises.
int serve(int readiness, const Options& options) {
  readiness = detach(readiness, options.socket + exporter::log_suffix);
  int lock = -1;
  int listener = -1;
  pid_t child = -1;
  auto failure = take_lock(options.socket, lock);
  const bool is_locked = failure.code == 0;
  if (is_locked) failure = listen_at(options, listener);
  if (failure.code == 0) {
    child = start_nbdkit(options, listener);
    if (!greets(options.socket, child)) {
      failure = {exporter::not_serving,
                 "rescue-export: nbdkit does not serve; see " + options.socket + exporter::log_suffix};
    }
  }
  if (failure.code != 0 && is_locked) {
    end_nbdkit(child);
    ::unlink(options.socket.c_str());
  }
  const auto report = std::string(1, static_cast<char>('0' + failure.code)) + failure.line;
  const bool heard = ::write(readiness, report.data(), report.size()) == static_cast<ssize_t>(report.size());
  ::close(readiness);
  if (failure.code != 0) return failure.code;
  if (heard) {
    supervise(options, listener, child);
  } else {
    end_nbdkit(child);  // the caller is gone and does not know that it serves
  }
  ::unlink(options.socket.c_str());
  return 0;
}

int wait_for_child(int readiness) {
  std::string report;
  std::array<char, 512> buffer{};
  for (ssize_t count = 0; (count = ::read(readiness, buffer.data(), buffer.size())) != 0;) {
    if (count > 0) report.append(buffer.data(), static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) break;
  }
  if (report.empty()) {
    report = std::string(1, static_cast<char>('0' + exporter::not_serving)) + "rescue-export: it died as it started";
  }
  if (report[0] != '0') (void)std::fprintf(stderr, "%s\n", report.c_str() + 1);
  return report[0] - '0';
}

bool parse(int argc, char** argv, Options& options) {
  for (int index = 1; index + 1 < argc; index += 2) {
    const std::string name = argv[index];
    std::string* const value = name == "--socket"     ? &options.socket
                               : name == "--settings" ? &options.settings
                               : name == "--group"    ? &options.group
                               : name == "--nbdkit"   ? &options.nbdkit
                               : name == "--plugin"   ? &options.plugin
                                                      : nullptr;
    if (value == nullptr) return false;
    *value = argv[index + 1];
  }
  if (options.plugin.empty()) options.plugin = default_plugin();
  return argc % 2 == 1 && options.socket.starts_with('/') && options.settings.starts_with('/');
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    (void)std::fputs("usage: rescue-export --socket ABSOLUTE_PATH --settings ABSOLUTE_PATH [--group GROUP]\n"
                     "                     [--nbdkit PROGRAM] [--plugin FILE]\n"
                     "Serves a streamed image on the socket, in the background, until it gets SIGTERM. The group may\n"
                     "connect, besides the owner. Its pid is in ABSOLUTE_PATH.lock, its log in ABSOLUTE_PATH.log.\n",
                     stderr);
    return exporter::usage;
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return exporter::not_serving;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    return serve(ends[1], options);
  }
  ::close(ends[1]);
  return child < 0 ? static_cast<int>(exporter::not_serving) : wait_for_child(ends[0]);
}
