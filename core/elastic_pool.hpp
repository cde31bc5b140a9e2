// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Threads for work that may block for long: as many as needed, up to a bound, without a queue.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace rescue {

/// Thread-safe. Idle threads end after some seconds. The other threads of the process take precedence when processors
/// are scarce.
class ElasticPool {
public:
  explicit ElasticPool(unsigned most) : most_(most) {}
  ~ElasticPool() { stop(); }
  ElasticPool(const ElasticPool&) = delete;
  ElasticPool& operator=(const ElasticPool&) = delete;

  /// Runs `work`, which must not throw, on a thread of its own. Returns false at once if the bound is reached.
  [[nodiscard]] bool try_run(std::function<void()> work);
  /// Accepts no more work, and returns when running work has ended. Idempotent.
  void stop();

private:
  void serve(std::function<void()> work);
  [[nodiscard]] bool wait_for_work(std::function<void()>& work);

  const unsigned most_;
  std::mutex mutex_;
  std::condition_variable handed_;
  std::deque<std::function<void()>> next_;  ///< for idle threads
  std::map<std::thread::id, std::thread> threads_;
  std::vector<std::thread> ended_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace rescue
