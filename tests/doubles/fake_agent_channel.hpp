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
    std::optional<domain::CommandOutcome> command;  ///< once it is done
    std::optional<domain::TicketReport> ticket{};
  };

  /// Set before the agent runs, or through `change`.
  ports::Redemption redemption{"s-1", Milliseconds(20), domain::SessionRequest{}};
  std::deque<Error> redeem_failures;     ///< errors of the first attempts
  std::deque<Error> deliver_failures;    ///< errors of the first attempts
  std::deque<Error> link_failures;       ///< errors of the first attempts
  std::deque<Error> heartbeat_failures;  ///< errors of the first attempts
  bool away = false;
  bool repeats_done_commands = false;     ///< like a control plane that was restored from a backup
  std::optional<ports::Command> command;  ///< sent until a heartbeat shows that it is carried out
  std::optional<WallTime> lease_ends;

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

  ports::HeartbeatAnswer heartbeat(const ports::Heartbeat& beat, std::stop_token) override {
    ports::HeartbeatAnswer answer;
    {
      const std::lock_guard lock(mutex_);
      calls_.emplace_back("heartbeat");
      fail(heartbeat_failures);
      const auto& record = beat.record;
      heard_.push_back({record.phase, record.failure ? record.failure->message : "", beat.outcome, beat.ticket});
      if (record.phase >= domain::Phase::finishing) command.reset();
      if (command && beat.outcome && beat.outcome->id == command->id && !repeats_done_commands) command.reset();
      answer = {command, lease_ends};
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

  void deliver_link(const ports::OneTimeLink& link, const domain::ConnectionData&, std::stop_token) override {
    {
      const std::lock_guard lock(mutex_);
      calls_.emplace_back("deliver-link");
      fail(link_failures);
      links_.push_back(copy_of(link));
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
  [[nodiscard]] std::vector<ports::OneTimeLink> links() const {
    const std::lock_guard lock(mutex_);
    std::vector<ports::OneTimeLink> copies;
    for (const auto& link : links_) copies.push_back(copy_of(link));
    return copies;
  }
  [[nodiscard]] std::vector<Heard> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  /// "heartbeat", "deliver" and "deliver-link", in the order of the attempts.
  [[nodiscard]] std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  [[nodiscard]] int redemptions() const {
    const std::lock_guard lock(mutex_);
    return redemptions_;
  }

private:
  static ports::OneTimeLink copy_of(const ports::OneTimeLink& link) {
    ports::OneTimeLink copy{link.name, link.sealed, link.link_verifier, link.verifier};
    if (link.key) copy.key = link.key->clone();
    if (link.code) copy.code = link.code->clone();
    copy.sealed_for_panel = link.sealed_for_panel;
    return copy;
  }
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
  std::vector<ports::OneTimeLink> links_;
  std::vector<std::string> calls_;
  int redemptions_ = 0;
};

}  // namespace rescue::tests
