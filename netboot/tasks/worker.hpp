// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who carries out tasks: many servers at a time, one task of a server at a time, by one netbootd.

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

/// Some threads look for what is to be done, and do what only takes the database. What waits for a BMC, or for a
/// database that is away, holds no thread: its turns are done by others, up to a bound.
class TaskWorker {
public:
  /// Takes up what an earlier netbootd left, or another one that has died, and starts. `calls`: BMCs that are spoken
  /// with at the same time.
  TaskWorker(TaskTools tools, unsigned threads, unsigned calls);
  /// Stops in order: a task in the middle is left for the next netbootd. Blocks for a turn at a BMC.
  ~TaskWorker();
  TaskWorker(const TaskWorker&) = delete;
  TaskWorker& operator=(const TaskWorker&) = delete;

  /// Something may be due.
  void wake();

private:
  struct InHand;

  void run(const std::stop_token& stop);
  void renew(const std::stop_token& stop);
  void dispatch(const std::stop_token& stop);
  void hear(const Change& change);
  [[nodiscard]] bool has_changed() const;
  /// A server of which something has changed, and of which we have no task in hand.
  [[nodiscard]] std::optional<std::string> next_changed();
  /// Whether it is time to look for what is due.
  [[nodiscard]] bool take_turn();
  /// Looks at each of the server's tasks.
  void look_at(const std::string& server, const std::stop_token& stop);
  /// At one task that is due; false: there is none.
  bool look_at_due(const std::stop_token& stop);
  /// Does the first turn of a task.
  void take_in_hand(ClaimedTask claimed);
  /// Has the next turn done; false: not now.
  [[nodiscard]] bool begin_turn(InHand& in_hand);
  void do_turn(InHand& in_hand);
  void let_go(InHand& in_hand);
  void leave_to_others(InHand& in_hand);
  void forget_all();

  TaskTools tools_;
  std::mutex mutex_;
  std::condition_variable_any woken_;   ///< there may be something to look at
  std::condition_variable_any turned_;  ///< a turn may be due, or may be had
  bool turns_may_be_had_ = false;
  std::set<std::string> changed_;  ///< servers
  bool all_changed_ = false;
  SteadyTime next_turn_{};
  std::map<long long, std::unique_ptr<InHand>> in_hand_;  ///< by id: what is older comes first
  std::multiset<std::string> busy_;                       ///< servers of these
  ElasticPool calls_;
  std::vector<std::jthread> threads_;
  Changes::Subscription subscription_;
};

}  // namespace rescue::netboot
