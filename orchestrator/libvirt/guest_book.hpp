// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// State of each guest from libvirt's events: calls wait for a change instead of polling.

#include "orchestrator/domain/guest.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace rescue::libvirt {

/// Counters only grow: a waiter keeps one and waits until it differs, so that no event is missed.
struct GuestRecord {
  std::uint64_t ends = 0;           ///< how often it ended
  std::uint64_t agent_changes = 0;  ///< how often its agent connected or disconnected
  std::optional<bool> agent;        ///< whether the agent is connected; none before the first event
};

class GuestBook {
public:
  using Deadline = std::chrono::steady_clock::time_point;

  [[nodiscard]] GuestRecord record(const std::string& guest) const;

  /// Waits until the guest ended or its agent changed since `since`. False at the deadline or on stop.
  bool wait_for_change(const std::string& guest, const GuestRecord& since, Deadline deadline, std::stop_token stop);
  /// Like wait_for_change, for its end only.
  bool wait_for_end(const std::string& guest, const GuestRecord& since, Deadline deadline, std::stop_token stop);

  /// Records the event. False when it must not be passed on: a known end, or an event of an attempt to start.
  bool note(const domain::GuestEvent& event);
  /// Records that the guest runs: its next end is reported.
  void note_running(const std::string& guest);
  /// From here to `end_attempt`, the guest's events are not passed on.
  void begin_attempt(const std::string& guest);
  void end_attempt(const std::string& guest);
  /// Guests whose end has not been reported.
  [[nodiscard]] std::vector<std::string> running() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, GuestRecord> records_;
  std::set<std::string> running_;
  std::set<std::string> told_ended_;
  std::set<std::string> attempted_;
};

}  // namespace rescue::libvirt
