// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// rescued's host agent with a control plane in memory: the session on its thread, the agent on another.

#include "orchestrator/control/host_agent.hpp"
#include "orchestrator/domain/listener_ports.hpp"
#include "tests/doubles/fake_agent_channel.hpp"
#include "tests/doubles/fake_ticket_desk.hpp"
#include "tests/doubles/session_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace rescue::tests {

class HostAgentWorld : public ::testing::Test {
protected:
  static constexpr Milliseconds patience{20'000};
  void boot() {
    service_.emplace(ports(), world_.settings);
    tickets_.emplace(*service_, *desk_, domain::TicketSettings{}, domain::listeners_of(world_.settings.control_ports));
    agent_.emplace(channel_, *service_, *tickets_, *outbox_, clock_, settings_);
    host_.report_to(*agent_);
    service_->run();
    tickets_->run();
    agent_->run();
  }
  /// Ends it like SIGKILL between two steps: no step is undone.
  void end_process() {
    (void)wait([](const control::StatusView& view) { return !view.busy; });
    service_->release_watchers();
    agent_->stop();
    tickets_->stop();
    ASSERT_TRUE(service_->stop_if_idle());
    agent_.reset();
    tickets_.reset();
    service_.reset();
    desk_.emplace();
    outbox_.emplace(mailbox_, world_.clock);
  }
  void TearDown() override {
    if (service_) end_process();
  }
  session::Ports ports() { return world_.ports(host_, *outbox_); }
  template <class Wish>
  control::StatusView wait(Wish wish) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto view = service_->status();
    while (!wish(view) && std::chrono::steady_clock::now() < deadline) {
      view = service_->wait_for_change(view.revision, Milliseconds(100));
    }
    EXPECT_TRUE(wish(view)) << "in phase " << name_of(view.record.phase);
    return view;
  }
  control::StatusView wait_for_state(control::ControlPlaneState state) {
    return wait([state](const control::StatusView& view) { return view.control_plane.state == state; });
  }

  void wait_until_over() {
    (void)wait(
        [](const control::StatusView& view) { return !view.busy && view.record.phase == domain::Phase::finished; });
  }

  SessionWorld world_;
  FakeAgentChannel channel_;
  control::Mailbox mailbox_;
  std::optional<control::Outbox> outbox_{std::in_place, mailbox_, world_.clock};
  SystemClock clock_;
  control::HostAgentSettings settings_{.redemption = Milliseconds(5'000), .last_word = Milliseconds(200)};
  control::ReportingHost host_{world_.host};
  std::optional<FakeTicketDesk> desk_{std::in_place};
  std::optional<control::SessionService> service_;
  std::optional<control::TicketService> tickets_;
  std::optional<control::HostAgent> agent_;
};

}  // namespace rescue::tests
