// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Record of a session: the journal's content, also shown by status. Holds no secret.

#include "core/clock.hpp"
#include "core/log.hpp"
#include "orchestrator/domain/access.hpp"
#include "orchestrator/domain/image.hpp"
#include "orchestrator/domain/network.hpp"
#include "orchestrator/domain/phase.hpp"
#include "orchestrator/domain/session_report.hpp"
#include "orchestrator/domain/session_request.hpp"
#include "orchestrator/domain/walk_record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::domain {

/// The plan of a session, complete before anything is changed.
struct RescuePlan {
  RescueImage image;
  GuestSpec guest;
  TakeoverPlan network;
  std::vector<ExcludedDisk> excluded_disks;
  unsigned overlay_mib = 0;  ///< memory for the guest's throw-away disk; 0: that lies on a disk
  unsigned host_mib = 0;     ///< memory that the host keeps
  unsigned changes_mib = 0;  ///< memory for overlays of the server's disks; 0: there are none, or they lie on a disk
  std::vector<GuestDisk> withdrawn_disks{};  ///< that the guest had, and that have died since: their overlays are kept
};

struct Announcement {
  WallTime at;
  std::string to;
};

/// State of a layer of the boot decision at the session's start, in the layer's own words.
struct BootSnapshot {
  std::string layer;
  std::string content;
  bool unreadable = false;  ///< the layer did not answer then: it is not changed at the end
};

/// A warning that can be withdrawn has its own code.
enum class WarningCode {
  general,                    ///< valid as long as the session
  credentials_not_delivered,  ///< not all recipients have them
  password_unknown,           ///< after a rotation the guest's password is unknown
  guest_paused,               ///< QEMU has paused the guest: its system disk can't be read, or an overlay has no room
  image_unavailable,          ///< the guest runs, and parts of its image can't be fetched
  lease_ends_soon,            ///< the lease ends within the time of a warning
  proof_key_left,             ///< our key of the proof may still be in the guest
  changes_fill,               ///< the overlays of the server's disks are nearly full
};
constexpr auto words_of(WarningCode) {
  return words<WarningCode>("general", "credentials-not-delivered", "password-unknown", "guest-paused",
                            "image-unavailable", "lease-ends-soon", "proof-key-left", "changes-fill");
}

/// How far a wish of the request came true in the guest.
enum class WishState {
  not_asked,
  not_supported,  ///< the image has no action for it
  failed,
  set,         ///< the guest's programs succeeded
  not_proven,  ///< set, and a login has not proven it
  proven,      ///< by a login
};
constexpr auto words_of(WishState) {
  return words<WishState>("not-asked", "not-supported", "failed", "set", "not-proven", "proven");
}

struct GuestWishes {
  WishState ssh_keys = WishState::not_asked;
  WishState keys_only = WishState::not_asked;
  WishState keyboard = WishState::not_asked;
  WishState text = WishState::not_asked;  ///< at the SSH login and on the desktop
  bool own_key = false;                   ///< our key of the proof may be in the guest
  friend bool operator==(const GuestWishes&, const GuestWishes&) = default;
};

/// End of the session's lease at the control plane.
struct LeaseEnd {
  WallTime ends;
  std::vector<Milliseconds> warned{};  ///< warnings that were given: how long before the end
  friend bool operator==(const LeaseEnd&, const LeaseEnd&) = default;
};

struct Warning {
  WarningCode code = WarningCode::general;
  std::string text;
};

using rescue::name_of;

/// A command of the control plane and what became of it. Once it is done it is not repeated; one that a restart has
/// interrupted is.
struct CommandOutcome {
  std::uint64_t id = 0;
  bool done = false;
  std::optional<Failure> failure{};  ///< once it is done; none: it succeeded
};

struct SessionRecord : WalkRecord {
  std::string id;
  std::string server;
  Phase phase = Phase::idle;
  WallTime started;
  std::optional<WallTime> ended;
  std::optional<SessionRequest> request;  ///< none: an operator's session
  GuestWishes wishes;
  std::optional<LeaseEnd> lease;  ///< none: no control plane has named it
  std::string boot_id;            ///< of the host's boot in which it was started
  std::vector<BootSnapshot> boot_snapshots;
  std::optional<RescuePlan> plan;
  std::optional<ConnectionData> connection;
  std::optional<Announcement> announced;
  std::optional<Failure> failure;  ///< why it failed, with a hint
  std::vector<Warning> warnings;
  std::optional<CommandOutcome> command;  ///< the last one; none: there was none
  Ending ending = Ending::stay;
  Changes changes = Changes::keep;
  bool changes_undecided = false;  ///< it failed, and whether to keep the guest's changes must be said
  bool end_pending = false;        ///< all is undone and the host should have ended: it has if the boot is another one
  unsigned resumes = 0;            ///< how often a restarted rescued resumed this session
  unsigned guest_restarts = 0;     ///< after crashes of the guest
  std::optional<SessionReport> report{};  ///< what the session changed; none: its guest has not run, or it is not over

  /// Adds a warning and logs it.
  void warn(std::string text, WarningCode code = WarningCode::general, log::Level level = log::Level::warning);
  /// Removes the warnings with this code: they no longer hold.
  void take_back(WarningCode code);
  [[nodiscard]] bool has_warning(WarningCode code) const;

  [[nodiscard]] StepRecord* find(StepName name) { return WalkRecord::find(name_of(name)); }
  [[nodiscard]] const StepRecord* find(StepName name) const { return WalkRecord::find(name_of(name)); }
  using WalkRecord::find;
  /// State of the layer at the session's start; null when it was not read.
  [[nodiscard]] const BootSnapshot* snapshot_of(const std::string& layer) const;
  [[nodiscard]] bool may_be_in_effect(StepName name) const { return WalkRecord::may_be_in_effect(name_of(name)); }
  using WalkRecord::may_be_in_effect;
  [[nodiscard]] bool active() const { return is_active(phase); }
};

/// Makes texts from outside (a guest, QEMU, a BMC) printable, each 2,000 bytes at most: after it the record can be
/// written and shown. Idempotent.
void make_printable(SessionRecord& record);

}  // namespace rescue::domain
