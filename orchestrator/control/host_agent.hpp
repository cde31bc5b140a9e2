// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Represents this host at the control plane: redeems the boot token, starts the requested session, reports its state
// and carries out commands. Has its own thread: a control plane that hangs delays no session.

#include "orchestrator/control/outbox.hpp"
#include "orchestrator/control/session_service.hpp"
#include "orchestrator/control/ticket_service.hpp"
#include "orchestrator/ports/agent_channel.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace rescue::control {

struct HostAgentSettings {
  Milliseconds redemption{600'000};  ///< lifetime of the boot token
  Milliseconds last_word{5'000};     ///< limit for the last heartbeat before the host ends
  Milliseconds least_pause{100};     ///< between two heartbeats: changes within it share one
};

/// Everything but the constructor is thread-safe. `service`, `tickets` and `outbox` outlive it.
class HostAgent {
public:
  HostAgent(ports::AgentChannel& channel, SessionService& service, TicketService& tickets, Outbox& outbox, Clock& clock,
            HostAgentSettings settings = {});
  ~HostAgent() { stop(); }
  HostAgent(const HostAgent&) = delete;
  HostAgent& operator=(const HostAgent&) = delete;

  void run();
  /// Aborts the current request and ends the thread. Idempotent.
  void stop();
  /// Blocks until the control plane has the current state, for HostAgentSettings::last_word at most. Returns at once if
  /// heartbeats have ended.
  void say_last_word();

private:
  void speak(const std::stop_token& stop);
  [[nodiscard]] bool redeem(const std::stop_token& stop);
  void start_session(const std::stop_token& stop);
  /// Returns false when heartbeats end.
  [[nodiscard]] bool beat(const std::stop_token& stop);
  /// Posts all mail that waits. A refusal or a lost request does not end heartbeats. Returns false when stopped.
  [[nodiscard]] bool post_mail(const std::stop_token& stop);
  [[nodiscard]] bool post(const Mail& mail, const std::stop_token& stop);
  void carry_out(const ports::Command& command, const domain::SessionRecord& record);
  void finish(const ports::Command& command);
  void rotate(const ports::Command& command, const domain::SessionRecord& record);
  void open_or_end_ticket(const ports::Command& command);
  [[nodiscard]] ports::Heartbeat heartbeat_of(const StatusView& view) const;
  void silence(ControlPlaneState state, const std::string& problem, const std::string& hint);
  void heard(std::uint64_t revision);

  ports::AgentChannel& channel_;
  SessionService& service_;
  TicketService& tickets_;
  Outbox& outbox_;
  Clock& clock_;
  HostAgentSettings settings_;
  ports::Redemption redemption_;
  std::uint64_t last_command_ = 0;
  std::optional<domain::CommandOutcome> ticket_outcome_;  ///< of the last command about a ticket

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t heard_revision_ = 0;
  bool listened_to_ = false;
  std::jthread thread_;
};

/// Ends the host after a last report to the control plane.
class ReportingHost final : public ports::Host {
public:
  explicit ReportingHost(ports::Host& host) : host_(host) {}
  /// Call it before anything ends the host.
  void report_to(HostAgent& agent) { agent_ = &agent; }

  [[nodiscard]] ports::HostFacts facts() override { return host_.facts(); }
  [[nodiscard]] unsigned memory_of_files_mib(const std::string& folder) override {
    return host_.memory_of_files_mib(folder);
  }
  void provide_memory_folder(const std::string& folder, unsigned mib) override {
    host_.provide_memory_folder(folder, mib);
  }
  void remove_memory_folder(const std::string& folder) override { host_.remove_memory_folder(folder); }
  [[nodiscard]] ports::Room room_of(const std::string& folder) override { return host_.room_of(folder); }
  [[nodiscard]] unsigned available_memory_mib() override { return host_.available_memory_mib(); }
  [[nodiscard]] bool wait_for_devices(Milliseconds limit) override { return host_.wait_for_devices(limit); }
  [[nodiscard]] std::string boot_id() override { return host_.boot_id(); }
  void end(domain::Ending ending) override {
    if (agent_ != nullptr && ending != domain::Ending::stay) agent_->say_last_word();
    host_.end(ending);
  }

private:
  ports::Host& host_;
  HostAgent* agent_ = nullptr;
};

}  // namespace rescue::control
