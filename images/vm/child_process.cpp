// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/vm/child_process.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>

namespace rescue::vm {
namespace {

constexpr Milliseconds patience{5'000};
constexpr int not_executed = 127;

/// Runs between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char** argv, int log, int parent, const std::vector<int>& inherited) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(not_executed);  // the parent ended before the call
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::setpgid(0, 0);  // Ctrl-C is for us: we end it in order
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  // Others may have opened descriptors without O_CLOEXEC.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const int fd : inherited) ::fcntl(fd, F_SETFD, 0);
  ::execvp(argv[0], argv);
  const char text[] = "the program can't be executed; is its package installed?\n";
  (void)!::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(not_executed);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> argv, const std::string& log, const std::vector<int>& inherited)
    : log_(log) {
  constexpr mode_t for_owner = 0600;
  const FileDescriptor output(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, for_owner));
  if (!output) throw system_error("can't write " + log, errno);
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (auto& argument : argv) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw system_error("can't start " + argv.front(), errno);
  if (pid_ == 0) become(pointers.data(), output.get(), parent, inherited);
  exit_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (exit_) return;
  const int error = errno;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  throw system_error("can't watch " + argv.front(), error);
}

ChildProcess::~ChildProcess() { end(patience); }

bool ChildProcess::wait(Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!status_) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd ended{exit_.get(), POLLIN, 0};
    const int ready = ::poll(&ended, 1, static_cast<int>(std::clamp<long long>(left, 0, 1 << 30)));
    if (ready == 0 && left <= 0) return false;
    if (ready <= 0) continue;
    int status = 0;
    if (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return true;
}

void ChildProcess::end(Milliseconds grace) noexcept {
  if (wait(Milliseconds(0))) return;
  ::kill(pid_, SIGTERM);
  if (wait(grace)) return;
  ::kill(pid_, SIGKILL);
  (void)wait(patience);
}

std::string ChildProcess::last_words() const {
  constexpr std::streamoff most = 2048;
  std::ifstream file(log_, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - most));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  return trimmed(printable_lines(text, most));
}

}  // namespace rescue::vm
