// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs the session on its own thread, one command at a time, and shows its state to any number of watchers.

#include "orchestrator/session/rescue_session.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace rescue::control {

/// State of the connection to the control plane.
enum class ControlPlaneState {
  none,        ///< no control plane
  connecting,  ///< the boot token is being redeemed
  connected,
  lost,     ///< no answer; retried where that can help
  refused,  ///< the boot token is refused
  ended,    ///< the control plane no longer knows this host
};
constexpr auto words_of(ControlPlaneState) {
  return words<ControlPlaneState>("none", "connecting", "connected", "lost", "refused", "ended");
}
using rescue::name_of;

struct ControlPlaneView {
  ControlPlaneState state = ControlPlaneState::none;
  std::string problem;
  std::string hint;
  friend bool operator==(const ControlPlaneView&, const ControlPlaneView&) = default;
};

/// A consistent view of the session; `revision` grows with every change.
struct StatusView {
  std::uint64_t revision = 0;
  domain::SessionRecord record;
  std::string waiting_for;
  bool busy = false;  ///< a command is being carried out
  ControlPlaneView control_plane;

  /// Whether the step that delivers credentials is in progress.
  [[nodiscard]] bool delivers() const {
    const auto* step = record.in_progress();
    return record.phase == domain::Phase::starting && step != nullptr &&
           step->name == name_of(domain::StepName::announce);
  }
};

/// Thread-safe. Long commands return at once; their outcome is in the status.
class SessionService final : public session::SessionObserver {
public:
  SessionService(session::Ports ports, domain::SessionSettings settings);
  ~SessionService() override;

  /// Starts the thread, which first resumes a session that a crash left behind.
  void run();
  /// Ends the thread when it is idle. False when it is inside a step: exit without waiting, the journal holds all that
  /// the next process needs.
  [[nodiscard]] bool stop_if_idle();

  /// Throws `conflict` when a session is active or a command is being carried out. Otherwise calls `accepted` before
  /// the session begins.
  void start(
      const std::function<void()>& accepted = [] {}, std::optional<domain::SessionRequest> request = {});
  /// Ends the session. One that is starting is stopped and undone first. Throws `conflict` when there is nothing to
  /// finish, and `precondition` for an order that can't be carried out.
  void finish(domain::FinishOrder order);
  /// Blocks until the new credentials are proven.
  [[nodiscard]] Secret rotate_credentials();
  /// As `rotate_credentials` by a command of the control plane, without waiting: the record has the outcome.
  void rotate_on_command(std::uint64_t id);
  [[nodiscard]] std::string restore_boot();

  /// Whether the session with this name at the control plane was started in this boot of the host.
  [[nodiscard]] bool has_been_asked_for(const std::string& session);
  /// False: the session began before a restart of the host.
  [[nodiscard]] bool is_of_this_boot(const domain::SessionRecord& record);
  void announced_late(const ports::Announced& announced);
  /// Records when the lease of the session ends, for it and for the next one; none: there is no lease. Returns at once;
  /// cheap when nothing moves.
  void lease_ends(std::optional<WallTime> at);
  void control_plane(ControlPlaneView view);
  /// Wakes all that wait for a change; returns the revision that they get.
  std::uint64_t touch();

  [[nodiscard]] StatusView status() const;
  /// Blocks until the revision is past `revision`, for `limit` at most.
  [[nodiscard]] StatusView wait_for_change(std::uint64_t revision, Milliseconds limit) const;
  /// Wakes all watchers and never blocks one again: the server is about to stop.
  void release_watchers();

  void guest_event(const domain::GuestEvent& event);
  void changed(const domain::SessionRecord& record, const std::string& waiting_for) override;

private:
  using Command = std::function<void(std::stop_token)>;
  void loop(const std::stop_token& thread_stop);
  void carry_out(const Command& command);
  void watch_guest();
  void look_after_guest();
  void look_after_lease();
  void enqueue(Command command);
  template <class Result>
  Result ask(std::function<Result(std::stop_token)> question);

  session::Ports ports_;
  domain::SessionSettings settings_;
  session::RescueSession session_;

  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  StatusView view_;
  std::deque<Command> commands_;
  std::stop_source command_stop_;
  bool watchers_released_ = false;
  std::optional<WallTime> lease_ends_;
  unsigned missed_pings_ = 0;
  Milliseconds until_lease_warning_{3'600'000};  ///< used by the session's thread only
  bool paused_ = false;                          ///< no room for the throw-away disk; used by the session's thread only
  std::jthread thread_;
};

}  // namespace rescue::control
