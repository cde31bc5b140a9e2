// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// All that is remembered of a session: the journal's content, and what status shows. Holds no secret.

#include "core/clock.hpp"
#include "core/error.hpp"
#include "orchestrator/domain/access.hpp"
#include "orchestrator/domain/image.hpp"
#include "orchestrator/domain/network.hpp"
#include "orchestrator/domain/phase.hpp"
#include "orchestrator/domain/session_request.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::domain {

struct StepRecord {
  StepName name{};
  StepState state = StepState::begun;
  WallTime started;
  std::optional<WallTime> ended;
  std::string detail;  ///< one line of what came of it, for people
};

struct Failure {
  std::string step;  ///< empty: not in a step
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string hint;
};

/// What a session is going to do, complete before anything is changed.
struct RescuePlan {
  RescueImage image;
  GuestSpec guest;
  TakeoverPlan network;
  std::vector<ExcludedDisk> excluded_disks;
};

struct Announcement {
  WallTime at;
  std::string to;
};

/// What a layer of the boot decision held when the session began, in the layer's own words.
struct BootSnapshot {
  std::string layer;
  std::string content;
  bool unreadable = false;  ///< it did not answer then: it is left alone afterwards too
};

struct SessionRecord {
  std::string id;
  std::string server;
  Phase phase = Phase::idle;
  WallTime started;
  std::optional<WallTime> ended;
  std::vector<StepRecord> steps;
  std::optional<SessionRequest> request;  ///< none: an operator's session
  std::string boot_id;                    ///< of the host's boot in which it was started
  std::vector<BootSnapshot> boot_snapshots;
  std::optional<RescuePlan> plan;
  std::optional<ConnectionData> connection;
  std::optional<Announcement> announced;
  std::optional<Failure> failure;          ///< why it failed, with the remedy
  std::vector<Failure> rollback_failures;  ///< what could not be undone
  std::vector<std::string> warnings;
  Ending ending = Ending::stay;
  bool end_pending = false;     ///< all is undone, and the host was to end: it has when its boot is another one
  unsigned resumes = 0;         ///< how often a restarted rescued took this session up again
  unsigned guest_restarts = 0;  ///< after a crash of the guest

  [[nodiscard]] StepRecord* find(StepName name);
  [[nodiscard]] const StepRecord* find(StepName name) const;
  /// What the layer held when the session began; null when it was not asked.
  [[nodiscard]] const BootSnapshot* snapshot_of(const std::string& layer) const;
  /// The step was begun and not undone: its effect may be there.
  [[nodiscard]] bool may_be_in_effect(StepName name) const;
  [[nodiscard]] bool active() const {
    return phase == Phase::starting || phase == Phase::serving || phase == Phase::finishing;
  }
};

/// What others have said (a guest, QEMU, a BMC) becomes printable, each text 2,000 bytes at most: after it the record
/// can be written and shown, whatever they said. Idempotent.
void make_printable(SessionRecord& record);

}  // namespace rescue::domain
