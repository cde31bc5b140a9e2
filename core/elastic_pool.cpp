// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/elastic_pool.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <system_error>
#include <utility>

namespace rescue {

bool ElasticPool::try_run(std::function<void()> work) {
  std::vector<std::thread> ended;
  bool taken = false;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(ended_);
    if (stopping_) {
      taken = false;
    } else if (next_.size() < idle_) {
      next_.push_back(std::move(work));
      taken = true;
    } else if (threads_.size() < most_) {
      try {
        std::thread thread([this, work = std::move(work)]() mutable { serve(std::move(work)); });
        const auto id = thread.get_id();
        threads_.emplace(id, std::move(thread));
        taken = true;
      } catch (const std::system_error&) {
        taken = false;  // no thread could be started: the same as reaching the bound
      }
    }
  }
  handed_.notify_one();
  for (auto& thread : ended) thread.join();
  return taken;
}

void ElasticPool::serve(std::function<void()> work) {
  // Lowers the priority of this thread (Linux): a hundred TLS handshakes at once must not delay a boot script.
  constexpr int later = 10;
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), later);
  do {
    work();
    work = nullptr;  // release what it holds before the wait
  } while (wait_for_work(work));
}

bool ElasticPool::wait_for_work(std::function<void()>& work) {
  constexpr std::chrono::seconds patience(10);
  std::unique_lock lock(mutex_);
  ++idle_;
  handed_.wait_for(lock, patience, [this] { return stopping_ || !next_.empty(); });
  --idle_;
  if (next_.empty()) {
    const auto self = threads_.find(std::this_thread::get_id());
    if (self != threads_.end()) {
      ended_.push_back(std::move(self->second));
      threads_.erase(self);
    }
    return false;
  }
  work = std::move(next_.front());
  next_.pop_front();
  return true;
}

void ElasticPool::stop() {
  std::vector<std::thread> all;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    all.swap(ended_);
    for (auto& [id, thread] : threads_) all.push_back(std::move(thread));
    threads_.clear();
  }
  handed_.notify_all();
  for (auto& thread : all) thread.join();
}

}  // namespace rescue
