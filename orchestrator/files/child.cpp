// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/files/child.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace rescue::files {
namespace {

/// Copies above those that the child gets, so that none is replaced before it is copied.
std::vector<FileDescriptor> lifted(const std::vector<int>& descriptors) {
  constexpr int above = 64;
  std::vector<FileDescriptor> copies;
  for (const int descriptor : descriptors) {
    copies.emplace_back(descriptor < 0 ? ::open("/dev/null", O_RDWR | O_CLOEXEC)
                                       : ::fcntl(descriptor, F_DUPFD_CLOEXEC, above));
    if (!copies.back()) throw system_error("cannot hand a descriptor on", errno);
  }
  return copies;
}

struct SpawnActions {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnActions() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t defaults;
    ::sigemptyset(&none);
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

}  // namespace

Child::Child(const std::vector<std::string>& argv, const std::vector<int>& descriptors) {
  const auto copies = lifted(descriptors);
  SpawnActions spawning;
  int target = STDIN_FILENO;
  for (const auto& copy : copies) {
    ::posix_spawn_file_actions_adddup2(&spawning.actions, copy.get(), target);
    target += target == STDOUT_FILENO ? 2 : 1;
  }
  auto words = argv;
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int error =
      ::posix_spawn(&pid_, argv.at(0).c_str(), &spawning.actions, &spawning.attributes, pointers.data(), environ);
  if (error == 0) return;
  pid_ = -1;
  auto reason = system_error("cannot start " + argv[0], error);
  throw Error(ErrorCode::subprocess, reason.what(), "Is the package rescued installed completely?");
}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

bool Child::has_ended() noexcept {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ <= 0;
}

void Child::end() noexcept {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

std::pair<FileDescriptor, FileDescriptor> socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw system_error("cannot make a socket", errno);
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace rescue::files
