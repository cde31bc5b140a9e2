// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A rescue session from preflight to reboot: its journal, its undo, and its recovery after a crash of this process.

#include "orchestrator/session/context.hpp"
#include "orchestrator/walk/walk.hpp"

#include <string>

namespace rescue::session {

/// Called for every change, on the session's thread; must not block.
class SessionObserver {
public:
  virtual ~SessionObserver() = default;
  virtual void changed(const domain::SessionRecord& record, const std::string& waiting_for) = 0;
};

/// Not thread-safe: one thread calls it. Other threads only request a stop.
class RescueSession {
public:
  RescueSession(Ports ports, domain::SessionSettings settings, SessionObserver& observer)
      : ports_(std::move(ports)), configured_(std::move(settings)), settings_(configured_), observer_(observer) {}

  /// Called once, at the start of the process: loads the journal, and adopts the running VM or undoes the steps so far.
  /// Throws `io` when the journal can't be read: then nothing is changed.
  void recover(const std::stop_token& stop);

  /// Runs the steps up to `serving`. On failure, undoes everything, restores the boot mode and throws the cause, or
  /// `rollback_incomplete` if something could not be undone. Throws `conflict` when a session is active. The request
  /// overrides the settings; an impossible one fails the session like any other cause.
  void start(const std::stop_token& stop, std::optional<domain::SessionRequest> request = {});

  /// Ends a session that serves, or resumes an incomplete end; then ends the host. After a failed session it only ends
  /// the host, again if needed. Throws `conflict` without a session, `precondition` for an order that can't be carried
  /// out, and `rollback_incomplete` when something is left: then the host stays up.
  void finish(domain::FinishOrder order, const std::stop_token& stop);

  /// Sets new credentials in the running guest, and proves them before it returns. Throws `conflict` when not serving.
  /// When the proof fails, throws its error's code and records that no working password is known.
  [[nodiscard]] Secret rotate_credentials(const std::stop_token& stop);

  /// As `rotate_credentials`, by the command `id` of the control plane. Records its outcome, and throws nothing but
  /// what the journal throws.
  void rotate_on_command(std::uint64_t id, const std::stop_token& stop);

  /// Records who got the last credentials late, and who did not. No-op when no session serves.
  void announced_late(const ports::Announced& announced);

  /// Acts by the policy when the guest has stopped or crashed while serving.
  void guest_ended(domain::GuestEventKind how, const std::stop_token& stop);

  /// While serving: keeps the guest's system disk served, resumes a guest that is paused, and shows a warning until
  /// it runs. Returns whether it is paused. Throws `hypervisor` when that can't be read.
  bool look_after_guest();

  /// Records when the session's lease ends. If that has moved, writes the texts in the guest again. No-op without a
  /// session. Idempotent.
  void lease_ends(WallTime at);

  /// While serving: warns in the guest when the time of a warning has come, each once. Returns the time until the next
  /// one; none if there is none.
  std::optional<Milliseconds> warn_of_lease_end();

  /// Sets all boot layers back to the disk, by hand, in any phase. Returns a line with the changes of each layer.
  /// Continues after a layer that fails, and throws its error at the end.
  [[nodiscard]] std::string restore_boot(const std::stop_token& stop);

  [[nodiscard]] const domain::SessionRecord& record() const { return record_; }

private:
  [[nodiscard]] SessionContext context(const std::stop_token& stop);
  [[nodiscard]] walk::Walk new_walk();
  /// Undoes everything; returns true when nothing is left. `graceful`: the guest may shut down normally.
  void release_image();
  bool walk_out(bool graceful, const std::stop_token& stop);
  void save();
  void save_if_possible();
  /// Records the cause and undoes everything. Throws `rollback_incomplete` when something is left.
  void fail(const domain::Failure& failure);
  void adopt(const std::stop_token& stop);
  /// Ends the host after a crash between the end of a session and that of the host.
  void end_host_that_was_to_end();
  /// Ends the host. Logs and records a failure, and throws the port's error.
  void end_host(domain::Ending ending);
  /// Undoes a session from before a restart of the host: nothing of it runs.
  void end_session_of_another_boot();
  void show(const std::string& waiting_for = {});
  /// Waits for a hypervisor that is being restarted; throws `hypervisor` when it stays away.
  [[nodiscard]] domain::GuestState guest_state(const std::stop_token& stop);

  Ports ports_;
  domain::SessionSettings configured_;
  domain::SessionSettings settings_;  ///< of this session
  SessionObserver& observer_;
  domain::SessionRecord record_;
};

}  // namespace rescue::session
