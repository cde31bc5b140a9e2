// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Threads for work that may block for long: as many as are needed, up to a bound, and never a queue behind them.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace rescue {

/// Thread-safe. Threads that have nothing to do for some seconds end. The others of the process go before them when
/// processors are scarce.
class ElasticPool {
public:
  explicit ElasticPool(unsigned most) : most_(most) {}
  ~ElasticPool() { stop(); }
  ElasticPool(const ElasticPool&) = delete;
  ElasticPool& operator=(const ElasticPool&) = delete;

  /// Has `work`, which throws nothing, done on a thread of its own. False, at once, when as many as may are at work.
  [[nodiscard]] bool try_run(std::function<void()> work);
  /// Takes nothing more, and returns when what is at work has ended. Idempotent.
  void stop();

private:
  void serve(std::function<void()> work);
  [[nodiscard]] bool wait_for_work(std::function<void()>& work);

  const unsigned most_;
  std::mutex mutex_;
  std::condition_variable handed_;
  std::deque<std::function<void()>> next_;  ///< for threads that are idle
  std::map<std::thread::id, std::thread> threads_;
  std::vector<std::thread> ended_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace rescue
