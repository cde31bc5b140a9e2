// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/tasks/worker.hpp"

#include "core/log.hpp"
#include "netboot/store/database.hpp"

#include <algorithm>

namespace rescue::netboot {
namespace {

/// So long after it has died others keep off what a netbootd was working on.
constexpr Milliseconds claim_lasts(15'000);
constexpr Milliseconds claim_renewal(4'000);
/// Deadlines, leases that run out, and hosts that fall silent are announced by nobody.
constexpr Milliseconds look(1'000);
/// At the same task; all else that matters to it is a change, and told. With a thousand tasks at work looking costs.
constexpr Milliseconds look_again(5'000);

}  // namespace

/// What changes of a server that is at work is looked at afterwards.
class TaskWorker::Work {
public:
  Work(TaskWorker& worker, const std::string& server) : worker_(worker) {
    const std::lock_guard lock(worker_.mutex_);
    place_ = worker_.busy_.insert(server);
  }
  ~Work() {
    const std::lock_guard lock(worker_.mutex_);
    worker_.busy_.erase(place_);
  }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

private:
  TaskWorker& worker_;
  std::multiset<std::string>::iterator place_;
};

TaskWorker::TaskWorker(TaskTools tools, unsigned threads) : tools_(tools) {
  if (!tools_.store.database().is_shared()) tools_.tasks.abandon_all();
  subscription_ = tools_.store.changes().subscribe([this](const Change& change) { hear(change); });
  threads_.emplace_back([this](const std::stop_token& stop) { renew(stop); });
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

TaskWorker::~TaskWorker() {
  for (auto& thread : threads_) thread.request_stop();
}

void TaskWorker::hear(const Change& change) {
  {
    const std::lock_guard lock(mutex_);
    if (change.kind == Change::Kind::all) {
      all_changed_ = true;
    } else {
      changed_.insert(change.server);
    }
  }
  woken_.notify_all();
}

void TaskWorker::wake() { woken_.notify_all(); }

void TaskWorker::renew(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    woken_.wait_for(lock, stop, claim_renewal, [] { return false; });
    if (busy_.empty()) continue;
    lock.unlock();
    try {
      tools_.tasks.renew_claims(claim_lasts);
    } catch (const std::exception& error) {
      log::error("the claims of tasks could not be renewed: {}", report_of(error).one_line());
    }
    lock.lock();
  }
}

bool TaskWorker::has_changed() const {
  return all_changed_ ||
         std::any_of(changed_.begin(), changed_.end(), [this](const auto& one) { return !busy_.contains(one); });
}

std::optional<std::string> TaskWorker::next_changed() {
  const std::lock_guard lock(mutex_);
  for (auto server = changed_.begin(); server != changed_.end(); ++server) {
    if (!busy_.contains(*server)) return std::move(changed_.extract(server).value());
  }
  return std::nullopt;
}

/// What is due is looked for by one thread at a time: that looks through all that is at work.
bool TaskWorker::take_turn() {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (now < next_turn_) return false;
  next_turn_ = now + look;
  return true;
}

void TaskWorker::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      bool all = false;
      {
        const std::lock_guard lock(mutex_);
        all = std::exchange(all_changed_, false);
      }
      if (all) {
        for (const auto& task : tools_.tasks.unfinished()) hear({Change::Kind::task, {}, task.server.text()});
      }
      while (const auto server = next_changed()) look_at(*server, stop);
      const bool is_our_turn = take_turn();
      while (is_our_turn && !stop.stop_requested() && look_at_due(stop)) {
      }
    } catch (const std::exception& error) {
      log::error("tasks: {}", report_of(error).one_line());
    }
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, look, [this] { return has_changed(); });
  }
}

void TaskWorker::look_at(const std::string& server, const std::stop_token& stop) {
  const Work work(*this, server);
  TaskChoice choice{server};
  while (!stop.stop_requested()) {
    auto claimed = tools_.tasks.claim(choice, claim_lasts);
    if (!claimed) return;
    choice.after = claimed->task.id;
    work_on(*std::move(claimed), stop);
  }
}

bool TaskWorker::look_at_due(const std::stop_token& stop) {
  auto claimed = tools_.tasks.claim({}, claim_lasts);
  if (!claimed) return false;
  const Work work(*this, claimed->task.server.text());
  work_on(*std::move(claimed), stop);
  return true;
}

void TaskWorker::work_on(ClaimedTask claimed, const std::stop_token& stop) {
  auto& task = claimed.task;
  try {
    if (claimed.taken_over) take_up(task, tools_);
    if (!is_over(task.state)) advance(task, tools_, stop);
  } catch (const std::exception& error) {
    log::error("task t-{}: {}", task.id, report_of(error).one_line());
  }
  if (stop.stop_requested()) return tools_.tasks.abandon(task);
  tools_.tasks.release(task, look_again);
}

}  // namespace rescue::netboot
