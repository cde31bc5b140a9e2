// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/tasks/worker.hpp"

#include "core/log.hpp"

namespace rescue::netboot {

TaskWorker::TaskWorker(TaskTools tools, unsigned threads) : tools_(tools) {
  for (auto& task : tools_.tasks.unfinished()) take_up(task, tools_);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

TaskWorker::~TaskWorker() {
  for (auto& thread : threads_) thread.request_stop();
}

void TaskWorker::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  woken_.notify_all();
}

void TaskWorker::run(const std::stop_token& stop) {
  // Deadlines, leases that run out, and hosts that fall silent are announced by nobody.
  constexpr Milliseconds look(1'000);
  unsigned long seen = 0;
  while (!stop.stop_requested()) {
    round(stop);
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, look, [&] { return wakes_ != seen; });
    seen = wakes_;
  }
}

void TaskWorker::round(const std::stop_token& stop) {
  try {
    for (const auto& listed : tools_.tasks.unfinished()) {
      if (stop.stop_requested()) return;
      const auto& server = listed.server.text();
      {
        const std::lock_guard lock(mutex_);
        if (!busy_.insert(server).second) continue;
      }
      try {
        // Read again: another thread may have moved it on since the list was made.
        auto task = tools_.tasks.find(listed.id);
        if (!is_over(task.state)) advance(task, tools_, stop);
      } catch (const std::exception& error) {
        log::error("task t-{}: {}", listed.id, report_of(error).one_line());
      }
      const std::lock_guard lock(mutex_);
      busy_.erase(server);
    }
  } catch (const std::exception& error) {
    log::error("tasks: {}", report_of(error).one_line());
  }
}

}  // namespace rescue::netboot
