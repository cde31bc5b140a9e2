// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A rescue session from preflight to reboot: its journal, its undo, and its life after a crash of this process.

#include "orchestrator/session/context.hpp"
#include "orchestrator/walk/walk.hpp"

#include <string>

namespace rescue::session {

/// Told of every change; called on the session's thread, must not block.
class SessionObserver {
public:
  virtual ~SessionObserver() = default;
  virtual void changed(const domain::SessionRecord& record, const std::string& waiting_for) = 0;
};

/// Not thread-safe: one thread drives it. Only the stop token comes from others.
class RescueSession {
public:
  RescueSession(Ports ports, domain::SessionSettings settings, SessionObserver& observer)
      : ports_(std::move(ports)), configured_(std::move(settings)), settings_(configured_), observer_(observer) {}

  /// Once, when the process starts: loads the journal, and adopts the running VM or undoes what was begun.
  /// Throws `io` when the journal can't be understood: then nothing is touched.
  void recover(const std::stop_token& stop);

  /// Way in, to `serving`. On failure everything is undone, the boot mode is restored, and the cause is thrown; when
  /// something could not be undone it is `rollback_incomplete`. A session that is active is a `conflict`. A request
  /// goes before the settings; one that can't be had here fails the session like any other cause.
  void start(const std::stop_token& stop, std::optional<domain::SessionRequest> request = {});

  /// Way out, from `serving` or from a way out that was left incomplete; then the ending. After a session that failed
  /// only the ending is left, and it can be repeated while the host is still up. Without any session it is a
  /// `conflict`; an order that can't be carried out is a `precondition`. Throws `rollback_incomplete` when something
  /// is left, and then stays up instead of rebooting.
  void finish(domain::FinishOrder order, const std::stop_token& stop);

  /// New credentials in the running guest, proven before they are returned. Throws `conflict` when not serving. When
  /// the proof fails, its error's code is thrown, and the record says that nobody knows a password that works.
  [[nodiscard]] Secret rotate_credentials(const std::stop_token& stop);

  /// The credentials that were announced last have come to `to` after all. Nothing when no session serves.
  void announced_late(const std::string& to);

  /// The guest has stopped or crashed while serving; does what the policy says.
  void guest_ended(domain::GuestEventKind how, const std::stop_token& stop);

  /// While serving: a guest that is paused for want of room is said (a warning, and what is waited for), and told to go
  /// on; once it does, the warning is gone. Returns whether it is paused. Throws `hypervisor` when that can't be
  /// learnt.
  bool look_after_guest();

  /// All boot layers back to the disk, by hand, whatever the session does. Returns a line a layer: what was changed.
  /// Goes on past a layer that fails, and throws its error at the end.
  [[nodiscard]] std::string restore_boot(const std::stop_token& stop);

  [[nodiscard]] const domain::SessionRecord& record() const { return record_; }

private:
  [[nodiscard]] SessionContext context(const std::stop_token& stop);
  [[nodiscard]] walk::Walk new_walk();
  /// Undoes all, and returns true when nothing is left. `graceful`: the guest may shut down in order.
  bool walk_out(bool graceful, const std::stop_token& stop);
  void save();
  void save_if_possible();
  /// Records the cause and walks out. Throws `rollback_incomplete` when something is left.
  void fail(const domain::Failure& failure);
  void adopt(const std::stop_token& stop);
  /// A crash came between the end of a session and that of the host.
  void end_host_that_was_to_end();
  /// A host that does not end is said in the log and in the record. Throws what the port throws.
  void end_host(domain::Ending ending);
  /// The journal has outlived the boot in which its session was: nothing of it runs.
  void end_session_of_another_boot();
  void show(const std::string& waiting_for = {});
  /// Waits for a hypervisor that is being restarted; throws `hypervisor` when it stays away.
  [[nodiscard]] domain::GuestState guest_state(const std::stop_token& stop);

  Ports ports_;
  domain::SessionSettings configured_;
  domain::SessionSettings settings_;  ///< those of this session
  SessionObserver& observer_;
  domain::SessionRecord record_;
};

}  // namespace rescue::session
