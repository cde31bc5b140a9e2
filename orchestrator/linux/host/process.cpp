// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/process.hpp"

#include "core/error.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

namespace rescue::linux {
namespace {

sigset_t end_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

std::string own_executable() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

void harden_process() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
  const auto signals = end_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_end(Milliseconds interval, const std::function<void()>& at_each_interval) {
  const auto signals = end_signals();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval);
  const timespec limit{seconds.count(), std::chrono::nanoseconds(interval - seconds).count()};
  while (::sigtimedwait(&signals, nullptr, &limit) < 0) {
    if (errno == EAGAIN) at_each_interval();
  }
}

void exit_at_once() { ::_exit(0); }

}  // namespace rescue::linux
