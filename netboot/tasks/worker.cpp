// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/tasks/worker.hpp"

#include "core/log.hpp"
#include "core/log_settings.hpp"
#include "netboot/store/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <system_error>

namespace rescue::netboot {
namespace {

/// A claim expires this long after the death of its netbootd.
constexpr Milliseconds claim_lasts(15'000);
constexpr Milliseconds claim_renewal(4'000);
/// Poll interval: deadlines, expired leases and silent hosts cause no notifications.
constexpr Milliseconds look(1'000);

}  // namespace

/// A claimed task and its progress.
struct TaskWorker::InHand {
  InHand(ClaimedTask task, TaskTools& tools) : claimed(std::move(task)), work(carry_out(claimed, tools, turn)) {}

  ClaimedTask claimed;
  TaskTurn turn{};
  InTurns work;
  SteadyTime due{};
  bool is_running = true;  ///< a thread runs its turn: others change only this flag
  bool is_at_work = true;  ///< as of its last turn
};

TaskWorker::TaskWorker(TaskTools tools, unsigned threads, unsigned calls) : tools_(tools), calls_(calls) {
  if (!tools_.store.database().is_shared()) tools_.tasks.abandon_all();
  tools_.bmcs.lines().on_free([this] {
    {
      const std::lock_guard lock(mutex_);
      turns_may_be_had_ = true;
    }
    turned_.notify_all();
  });
  subscription_ = tools_.store.changes().subscribe([this](const Change& change) { hear(change); });
  threads_.emplace_back([this](const std::stop_token& stop) { renew(stop); });
  threads_.emplace_back([this](const std::stop_token& stop) { dispatch(stop); });
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

TaskWorker::~TaskWorker() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
  calls_.stop();
  tools_.bmcs.lines().on_free({});
  for (const auto& [id, in_hand] : in_hand_) leave_to_others(*in_hand);
  forget_all();
}

/// Releases many at a time: each logs out of its BMC, which may be silent.
void TaskWorker::forget_all() {
  constexpr std::size_t most = 64;
  std::vector<std::unique_ptr<InHand>> left;
  for (auto& [id, in_hand] : in_hand_) left.push_back(std::move(in_hand));
  in_hand_.clear();
  std::atomic<std::size_t> next{0};
  const auto forget_some = [&] {
    for (auto i = next++; i < left.size(); i = next++) left[i].reset();
  };
  std::vector<std::jthread> others;
  try {
    while (others.size() + 1 < std::min(left.size(), most)) others.emplace_back(forget_some);
  } catch (const std::system_error& error) {
    log::info("tasks are released one after the other: {}", error.what());
  }
  forget_some();
}

void TaskWorker::leave_to_others(InHand& in_hand) {
  try {
    if (in_hand.is_at_work) {
      tools_.tasks.abandon(in_hand.claimed.task);
    } else {
      tools_.tasks.release(in_hand.claimed.task, Milliseconds(0));
    }
  } catch (const std::exception& error) {
    log::error("task t-{} is taken over when its claim expires: {}", in_hand.claimed.task.id,
               report_of(error).one_line());
  }
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
    std::vector<long long> at_work;
    for (const auto& [id, in_hand] : in_hand_) {
      if (in_hand->is_at_work) at_work.push_back(id);
    }
    lock.unlock();
    try {
      tools_.tasks.renew_claims(at_work, claim_lasts);
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

/// One thread at a time looks for due tasks: it looks at all of them.
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
  TaskChoice choice{server};
  while (!stop.stop_requested()) {
    auto claimed = tools_.tasks.claim(choice, claim_lasts);
    if (!claimed) return;
    choice.after = claimed->task.id;
    take_in_hand(*std::move(claimed));
  }
}

bool TaskWorker::look_at_due(const std::stop_token& stop) {
  if (stop.stop_requested()) return false;
  auto claimed = tools_.tasks.claim({}, claim_lasts);
  if (!claimed) return false;
  take_in_hand(*std::move(claimed));
  return true;
}

void TaskWorker::take_in_hand(ClaimedTask claimed) {
  auto made = std::make_unique<InHand>(std::move(claimed), tools_);
  auto& in_hand = *made;
  {
    const std::lock_guard lock(mutex_);
    busy_.insert(in_hand.claimed.task.server.text());
    in_hand_.emplace(in_hand.claimed.task.id, std::move(made));
  }
  do_turn(in_hand);
}

void TaskWorker::do_turn(InHand& in_hand) {
  const auto& task = in_hand.claimed.task;
  const log::About id("task", fmt::format("t-{}", task.id));
  const log::About server("server", task.server.text());
  const auto line = in_hand.turn.bmc;
  std::optional<Milliseconds> wait;
  try {
    wait = in_hand.work.go_on();
  } catch (const std::exception& error) {
    log::error("task t-{}: {}", task.id, report_of(error).one_line());
    leave_to_others(in_hand);
  }
  if (!line.empty()) tools_.bmcs.lines().give(line);
  if (!wait) return let_go(in_hand);
  {
    const std::lock_guard lock(mutex_);
    in_hand.due = std::chrono::steady_clock::now() + *wait;
    in_hand.is_at_work = in_hand.turn.is_at_work;
    in_hand.is_running = false;
    turns_may_be_had_ = true;
  }
  turned_.notify_all();
}

void TaskWorker::let_go(InHand& in_hand) {
  std::unique_ptr<InHand> done;
  {
    const std::lock_guard lock(mutex_);
    auto found = in_hand_.lower_bound(in_hand.claimed.task.id);
    while (found->second.get() != &in_hand) ++found;
    done = std::move(found->second);
    in_hand_.erase(found);
    busy_.erase(busy_.find(done->claimed.task.server.text()));
    turns_may_be_had_ = true;
  }
  woken_.notify_all();
  turned_.notify_all();
}

bool TaskWorker::begin_turn(InHand& in_hand) {
  const auto& line = in_hand.turn.bmc;
  if (!line.empty() && !tools_.bmcs.lines().try_take(line)) return false;
  in_hand.is_running = true;
  if (calls_.try_run([this, &in_hand] { do_turn(in_hand); })) return true;
  in_hand.is_running = false;
  // Notifies no task, which would need our lock: nothing refused the line meanwhile.
  if (!line.empty()) tools_.bmcs.lines().give(line);
  return false;
}

void TaskWorker::dispatch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    turns_may_be_had_ = false;
    const auto now = std::chrono::steady_clock::now();
    auto next = now + look;
    for (const auto& [id, in_hand] : in_hand_) {
      if (in_hand->is_running) continue;
      if (in_hand->due > now) {
        next = std::min(next, in_hand->due);
      } else {
        (void)begin_turn(*in_hand);  // if refused, a notification follows
      }
    }
    turned_.wait_until(lock, stop, next, [this] { return turns_may_be_had_; });
  }
}

}  // namespace rescue::netboot
