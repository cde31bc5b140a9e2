// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/stop_on_signal.hpp"

#include "core/error.hpp"

#include <ctime>

namespace rescue::builder {
namespace {

constexpr timespec signal_glance{0, 200'000'000};

}  // namespace

StopOnSignal::StopOnSignal() {
  ::sigemptyset(&signals_);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals_, number);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  waiter_ = std::jthread([this](const std::stop_token& end) {
    while (!end.stop_requested()) {
      if (::sigtimedwait(&signals_, nullptr, &signal_glance) > 0) stop_.request_stop();
    }
  });
}

StopOnSignal::~StopOnSignal() {
  waiter_ = std::jthread();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorCode::interrupted, "the build was interrupted; nothing is left of it");
}

}  // namespace rescue::builder
