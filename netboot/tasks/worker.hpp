// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Executes tasks: many servers at a time, one task per server, by one netbootd.

#include "core/elastic_pool.hpp"
#include "netboot/tasks/advance.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace rescue::netboot {

/// Some threads look for due tasks, and do the database work. A task that waits for a BMC, or for an unavailable
/// database, holds no thread: other threads run its turns, up to a limit.
class TaskWorker {
public:
  /// Takes over tasks that an earlier netbootd left, or one that has died, and starts. `calls`: limit of concurrent
  /// calls to BMCs.
  TaskWorker(TaskTools tools, unsigned threads, unsigned calls);
  /// Stops cleanly: the next netbootd resumes unfinished tasks. Blocks for a turn at a BMC.
  ~TaskWorker();
  TaskWorker(const TaskWorker&) = delete;
  TaskWorker& operator=(const TaskWorker&) = delete;

  /// Call it when something may be due.
  void wake();

private:
  struct InHand;

  void run(const std::stop_token& stop);
  void renew(const std::stop_token& stop);
  void dispatch(const std::stop_token& stop);
  void hear(const Change& change);
  [[nodiscard]] bool has_changed() const;
  /// A changed server, of which we hold no task.
  [[nodiscard]] std::optional<std::string> next_changed();
  /// True if it is time to look for due tasks.
  [[nodiscard]] bool take_turn();
  /// Checks each of the server's tasks.
  void look_at(const std::string& server, const std::stop_token& stop);
  /// Checks one due task; false: there is none.
  bool look_at_due(const std::stop_token& stop);
  /// Does the first turn of a task.
  void take_in_hand(ClaimedTask claimed);
  /// Starts the next turn; false: not now.
  [[nodiscard]] bool begin_turn(InHand& in_hand);
  void do_turn(InHand& in_hand);
  void let_go(InHand& in_hand);
  void leave_to_others(InHand& in_hand);
  void forget_all();

  TaskTools tools_;
  std::mutex mutex_;
  std::condition_variable_any woken_;   ///< something may have changed
  std::condition_variable_any turned_;  ///< a turn may be due, or possible
  bool turns_may_be_had_ = false;
  std::set<std::string> changed_;  ///< servers
  bool all_changed_ = false;
  SteadyTime next_turn_{};
  /// By id: the oldest first. Twice for a moment: a released task may be claimed again before its thread lets go of it.
  std::multimap<long long, std::unique_ptr<InHand>> in_hand_;
  std::multiset<std::string> busy_;  ///< servers of these
  ElasticPool calls_;
  std::vector<std::jthread> threads_;
  Changes::Subscription subscription_;
};

}  // namespace rescue::netboot
