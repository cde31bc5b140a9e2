// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The threads that carry out tasks: several servers at a time, one task of a server at a time, by one netbootd.

#include "netboot/tasks/advance.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace rescue::netboot {

class TaskWorker {
public:
  /// Takes up what an earlier netbootd left, or another one that has died, and starts.
  TaskWorker(TaskTools tools, unsigned threads);
  /// Stops in order: a task in the middle is left for the next netbootd.
  ~TaskWorker();
  TaskWorker(const TaskWorker&) = delete;
  TaskWorker& operator=(const TaskWorker&) = delete;

  /// Something may be due.
  void wake();

private:
  class Work;

  void run(const std::stop_token& stop);
  void renew(const std::stop_token& stop);
  void hear(const Change& change);
  [[nodiscard]] bool has_changed() const;
  /// A server of which something has changed, and which no thread of ours is at work on.
  [[nodiscard]] std::optional<std::string> next_changed();
  /// Whether it is time to look for what is due.
  [[nodiscard]] bool take_turn();
  /// Looks at each of the server's tasks.
  void look_at(const std::string& server, const std::stop_token& stop);
  /// At one task that is due; false: there is none.
  bool look_at_due(const std::stop_token& stop);
  void work_on(ClaimedTask claimed, const std::stop_token& stop);

  TaskTools tools_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::set<std::string> changed_;    ///< servers
  std::multiset<std::string> busy_;  ///< servers
  bool all_changed_ = false;
  SteadyTime next_turn_{};
  std::vector<std::jthread> threads_;
  Changes::Subscription subscription_;
};

}  // namespace rescue::netboot
