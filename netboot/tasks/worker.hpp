// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The threads that carry out tasks: several servers at a time, one task of a server at a time.

#include "netboot/tasks/advance.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace rescue::netboot {

class TaskWorker {
public:
  /// Takes up what an earlier netbootd left, and starts.
  TaskWorker(TaskTools tools, unsigned threads);
  /// Stops in order: a task in the middle is left for the next netbootd.
  ~TaskWorker();
  TaskWorker(const TaskWorker&) = delete;
  TaskWorker& operator=(const TaskWorker&) = delete;

  /// Something has happened that tasks may wait for.
  void wake();

private:
  void run(const std::stop_token& stop);
  void round(const std::stop_token& stop);

  TaskTools tools_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  unsigned long wakes_ = 0;
  std::set<std::string> busy_;
  std::vector<std::jthread> threads_;
};

}  // namespace rescue::netboot
