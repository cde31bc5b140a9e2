// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host agent's control plane, in memory: unreachable for a while, refusing, sending commands.

#include "core/error.hpp"
#include "orchestrator/ports/agent_channel.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace rescue::tests {

class FakeAgentChannel final : public ports::AgentChannel {
public:
  struct Heard {
    domain::Phase phase{};
    std::string failure;
  };

  /// Set before the agent runs, or through `change`.
  ports::Redemption redemption{"s-1", Milliseconds(20), domain::SessionRequest{}};
  std::deque<Error> redeem_failures;     ///< errors of the first attempts
  std::deque<Error> deliver_failures;    ///< errors of the first attempts
  std::deque<Error> heartbeat_failures;  ///< errors of the first attempts
  bool away = false;
  std::optional<ports::FinishCommand> command;  ///< sent until a heartbeat shows that it is carried out

  template <class Change>
  void change(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change(*this);
    }
    changed_.notify_all();
  }

  ports::Redemption redeem(std::stop_token) override {
    const std::lock_guard lock(mutex_);
    ++redemptions_;
    fail(redeem_failures);
    return redemption;
  }

  std::optional<ports::FinishCommand> heartbeat(const domain::SessionRecord& record, const std::string&,
                                                std::stop_token) override {
    std::optional<ports::FinishCommand> answer;
    {
      const std::lock_guard lock(mutex_);
      calls_.emplace_back("heartbeat");
      fail(heartbeat_failures);
      heard_.push_back({record.phase, record.failure ? record.failure->message : ""});
      if (record.phase >= domain::Phase::finishing) command.reset();
      answer = command;
    }
    changed_.notify_all();
    return answer;
  }

  void deliver(const std::string& sealed, const domain::ConnectionData&, std::stop_token) override {
    {
      const std::lock_guard lock(mutex_);
      calls_.emplace_back("deliver");
      fail(deliver_failures);
      sealed_.push_back(sealed);
    }
    changed_.notify_all();
  }

  /// Waits until `wish` is true for the received heartbeats, for 20 s at most.
  template <class Wish>
  [[nodiscard]] bool wait_until(Wish wish) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return wish(heard_); });
  }
  [[nodiscard]] bool wait_for_phase(domain::Phase phase) {
    return wait_until([&](const auto& heard) { return !heard.empty() && heard.back().phase == phase; });
  }
  [[nodiscard]] std::vector<std::string> sealed() const {
    const std::lock_guard lock(mutex_);
    return sealed_;
  }
  [[nodiscard]] std::vector<Heard> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  /// "heartbeat" and "deliver", in the order of the attempts.
  [[nodiscard]] std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  [[nodiscard]] int redemptions() const {
    const std::lock_guard lock(mutex_);
    return redemptions_;
  }

private:
  void fail(std::deque<Error>& failures) const {
    if (away) throw Error(ErrorCode::unavailable, "no answer from the control plane");
    if (failures.empty()) return;
    const auto failure = failures.front();
    failures.pop_front();
    throw Error(failure);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Heard> heard_;
  std::vector<std::string> sealed_;
  std::vector<std::string> calls_;
  int redemptions_ = 0;
};

}  // namespace rescue::tests
