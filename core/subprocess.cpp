// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/subprocess.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/sigpipe.hpp"
#include "core/timed.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace rescue {
namespace {

constexpr std::size_t largest_output = std::size_t{4} << 20;

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw system_error("cannot create a pipe", errno);
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

struct Attributes {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  Attributes() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t defaults;
    ::sigemptyset(&none);
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (auto& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t spawn(const Command& command, const Pipe& in, const Pipe& out, const Pipe& err) {
  Attributes attributes;
  const int input = command.input_descriptor >= 0 ? command.input_descriptor : in.read_end.get();
  ::posix_spawn_file_actions_adddup2(&attributes.actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&attributes.actions, out.write_end.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&attributes.actions, err.write_end.get(), STDERR_FILENO);
  auto arguments = command.argv;
  auto environment = command.environment;
  auto argument_pointers = pointers_to(arguments);
  auto environment_pointers = pointers_to(environment);
  environment_pointers.pop_back();
  for (char** variable = environ; *variable != nullptr; ++variable) environment_pointers.push_back(*variable);
  environment_pointers.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, command.argv.at(0).c_str(), &attributes.actions, &attributes.attributes,
                                   argument_pointers.data(), environment_pointers.data());
  if (error != 0) {
    throw Error(ErrorCode::subprocess, fmt::format("cannot start {}: {}", command.argv[0], std::strerror(error)),
                error == ENOENT ? fmt::format("Is the package that holds {} installed?", command.argv[0]) : "");
  }
  return pid;
}

/// Reads what there is; closes the descriptor at the end of file.
void drain(FileDescriptor& fd, std::string& into) {
  char buffer[16384];
  const auto count = ::read(fd.get(), buffer, sizeof buffer);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) return fd.reset();
  into.append(buffer,
              std::min(static_cast<std::size_t>(count), largest_output - std::min(largest_output, into.size())));
}

/// Writes what fits; closes the descriptor when all is written or the reader is gone.
void feed(FileDescriptor& fd, std::string_view first, std::string_view second, std::size_t& written) {
  const auto part = written < first.size() ? first.substr(written) : second.substr(written - first.size());
  if (!part.empty()) {
    const auto count = ::write(fd.get(), part.data(), part.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count < 0) return fd.reset();
    written += static_cast<std::size_t>(count);
  }
  if (written == first.size() + second.size()) fd.reset();
}

class Conversation {
public:
  Conversation(const Command& command, Pipe& in, Pipe& out, Pipe& err, int exit_fd)
      : command_(command), in_(in.write_end), out_(out.read_end), err_(err.read_end), exit_fd_(exit_fd) {
    ::fcntl(in_.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(out_.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(err_.get(), F_SETFL, O_NONBLOCK);
  }

  /// Until the program has ended (a daemon that it left behind may keep its pipes) or the time is up.
  bool hold(Completed& completed) {
    const WithoutSigpipe guard;  // a program may end without reading its input
    const auto deadline = std::chrono::steady_clock::now() + command_.time_limit;
    bool ended = false;
    while (!ended) {
      const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      if (left <= 0) return false;
      pollfd waits[] = {
          {in_.get(), POLLOUT, 0}, {out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}, {exit_fd_, POLLIN, 0}};
      if (::poll(waits, 4, static_cast<int>(std::min<long long>(left, 1 << 30))) < 0 && errno != EINTR) {
        throw system_error("cannot wait for " + command_.argv[0], errno);
      }
      ended = waits[3].revents != 0;
      if (waits[0].revents != 0) feed(in_, command_.input, secret(), written_);
      if (waits[1].revents != 0 || ended) drain_all(out_, completed.out, ended);
      if (waits[2].revents != 0 || ended) drain_all(err_, completed.err, ended);
    }
    return true;
  }

private:
  [[nodiscard]] std::string_view secret() const {
    return command_.secret_input != nullptr ? command_.secret_input->reveal() : std::string_view{};
  }
  static void drain_all(FileDescriptor& fd, std::string& into, bool to_the_end) {
    if (!fd) return;
    std::size_t before = 0;
    do {
      before = into.size();
      drain(fd, into);
    } while (to_the_end && fd && into.size() != before);
  }

  const Command& command_;
  FileDescriptor& in_;
  FileDescriptor& out_;
  FileDescriptor& err_;
  int exit_fd_;
  std::size_t written_ = 0;
};

}  // namespace

Completed run(const Command& command) {
  log::Timed timed("ran {}", fmt::join(command.argv, " "));
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  const pid_t pid = spawn(command, in, out, err);
  in.read_end.reset();
  out.write_end.reset();
  err.write_end.reset();
  const FileDescriptor exit_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  Completed completed;
  try {
    if (!exit_fd) throw system_error("cannot watch " + command.argv[0], errno);
    completed.timed_out = !Conversation(command, in, out, err, exit_fd.get()).hold(completed);
  } catch (...) {
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    throw;
  }
  if (completed.timed_out) ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  completed.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  timed.ended(fmt::format("status {}{}", completed.status, completed.timed_out ? ", time limit" : ""));
  return completed;
}

Completed run_checked(const Command& command) {
  auto completed = run(command);
  if (completed.timed_out) {
    throw Error(ErrorCode::timeout,
                fmt::format("{} did not end within {} ms", command.argv[0], command.time_limit.count()));
  }
  if (completed.status != 0) {
    auto text = completed.err.empty() ? completed.out : completed.err;
    text.resize(std::min<std::size_t>(text.find_last_not_of(" \n") + 1, 2000));
    throw Error(ErrorCode::subprocess, fmt::format("{} failed with {}: {}", command.argv[0], completed.status, text));
  }
  return completed;
}

}  // namespace rescue
