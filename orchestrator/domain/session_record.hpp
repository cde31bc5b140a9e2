// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// All that is remembered of a session: the journal's content, and what status shows. Holds no secret.

#include "core/clock.hpp"
#include "core/log.hpp"
#include "orchestrator/domain/access.hpp"
#include "orchestrator/domain/image.hpp"
#include "orchestrator/domain/network.hpp"
#include "orchestrator/domain/phase.hpp"
#include "orchestrator/domain/session_request.hpp"
#include "orchestrator/domain/walk_record.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::domain {

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

/// A warning that is taken back once it is no longer true has a code of its own.
enum class WarningCode {
  general,                    ///< true as long as the session is
  credentials_not_delivered,  ///< they have not come to everybody who is to have them
  password_unknown,           ///< a rotation has left the guest with a password that nobody knows
  guest_paused,               ///< QEMU has paused the guest: there is no room for its throw-away disk
};
constexpr auto words_of(WarningCode) {
  return words<WarningCode>("general", "credentials-not-delivered", "password-unknown", "guest-paused");
}

struct Warning {
  WarningCode code = WarningCode::general;
  std::string text;
};

struct SessionRecord : WalkRecord {
  std::string id;
  std::string server;
  Phase phase = Phase::idle;
  WallTime started;
  std::optional<WallTime> ended;
  std::optional<SessionRequest> request;  ///< none: an operator's session
  std::string boot_id;                    ///< of the host's boot in which it was started
  std::vector<BootSnapshot> boot_snapshots;
  std::optional<RescuePlan> plan;
  std::optional<ConnectionData> connection;
  std::optional<Announcement> announced;
  std::optional<Failure> failure;  ///< why it failed, with the remedy
  std::vector<Warning> warnings;
  Ending ending = Ending::stay;
  Changes changes = Changes::keep;
  bool end_pending = false;     ///< all is undone, and the host was to end: it has when its boot is another one
  unsigned resumes = 0;         ///< how often a restarted rescued took this session up again
  unsigned guest_restarts = 0;  ///< after a crash of the guest

  /// Adds a warning, and writes it to the log.
  void warn(std::string text, WarningCode code = WarningCode::general, log::Level level = log::Level::warning);
  /// Removes the warnings with this code: what they say is no longer true.
  void take_back(WarningCode code);
  [[nodiscard]] bool has_warning(WarningCode code) const;

  [[nodiscard]] StepRecord* find(StepName name) { return WalkRecord::find(name_of(name)); }
  [[nodiscard]] const StepRecord* find(StepName name) const { return WalkRecord::find(name_of(name)); }
  using WalkRecord::find;
  /// What the layer held when the session began; null when it was not asked.
  [[nodiscard]] const BootSnapshot* snapshot_of(const std::string& layer) const;
  [[nodiscard]] bool may_be_in_effect(StepName name) const { return WalkRecord::may_be_in_effect(name_of(name)); }
  using WalkRecord::may_be_in_effect;
  [[nodiscard]] bool active() const { return is_active(phase); }
};

/// What others have said (a guest, QEMU, a BMC) becomes printable, each text 2,000 bytes at most: after it the record
/// can be written and shown, whatever they said. Idempotent.
void make_printable(SessionRecord& record);

}  // namespace rescue::domain
