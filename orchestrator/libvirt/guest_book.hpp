// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What libvirt's events said of each guest, so that calls wait for a change instead of asking again and again.

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

/// Counters only grow: a waiter remembers one and waits until it differs, so that it can't miss an event.
struct GuestRecord {
  std::uint64_t ends = 0;           ///< how often it ended
  std::uint64_t agent_changes = 0;  ///< how often its agent came or went
  std::optional<bool> agent;        ///< whether the agent is there, when an event has said so
};

class GuestBook {
public:
  using Deadline = std::chrono::steady_clock::time_point;

  [[nodiscard]] GuestRecord record(const std::string& guest) const;

  /// Waits until the guest ended or its agent changed since `since`. False at the deadline or on stop.
  bool wait_for_change(const std::string& guest, const GuestRecord& since, Deadline deadline, std::stop_token stop);
  /// As above, for its end only.
  bool wait_for_end(const std::string& guest, const GuestRecord& since, Deadline deadline, std::stop_token stop);

  /// Notes the event. False when it must not be passed on: an end that was already told, or an attempt to start.
  bool note(const domain::GuestEvent& event);
  /// The guest runs: its end will be news.
  void note_running(const std::string& guest);
  /// Until `end_attempt`, what happens to the guest is the affair of whoever tries to start it.
  void begin_attempt(const std::string& guest);
  void end_attempt(const std::string& guest);
  /// Guests whose end has not been told.
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
