// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/work_folder.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace rescue::tool {
namespace {

sigset_t ending_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
  return signals;
}

void remove(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace

WorkFolder::WorkFolder() {
  const char* const wanted = std::getenv("TMPDIR");
  path_ = fmt::format("{}/rescue-image-XXXXXX", wanted != nullptr && *wanted != '\0' ? wanted : "/var/tmp");
  if (::mkdtemp(path_.data()) == nullptr) {
    throw system_error("can't create " + path_, errno, "Set TMPDIR to a folder with some GiB of room.");
  }
  const auto signals = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
  watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void WorkFolder::watch(const std::stop_token& stop) const {
  const auto signals = ending_signals();
  int signal = 0;
  while (::sigwait(&signals, &signal) != 0) {
  }
  if (stop.stop_requested()) return;
  // Under another name first: what still runs would make new files in it while it is being removed.
  const auto doomed = path_ + ".end";
  const bool moved = ::rename(path_.c_str(), doomed.c_str()) == 0;
  remove(moved ? doomed : path_);
  // The end of the process ends its virtual machine, too.
  constexpr int by_signal = 128;
  ::_exit(by_signal + signal);
}

WorkFolder::~WorkFolder() {
  watcher_.request_stop();
  ::pthread_kill(watcher_.native_handle(), SIGTERM);
  watcher_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  remove(path_);
}

}  // namespace rescue::tool
