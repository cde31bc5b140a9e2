// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// rescued's real host agent with a running netbootd. The server is in memory.

#include "host_agent_under_test.hpp"
#include "orchestrator/boot/netboot.hpp"
#include "orchestrator/boot/netboot_agent.hpp"
#include "orchestrator/control/host_agent.hpp"
#include "orchestrator/domain/listener_ports.hpp"
#include "tests/doubles/fake_ticket_desk.hpp"
#include "tests/doubles/session_world.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {

class HostAgentAndNetbootd : public netboot::ServerThatBoots {
protected:
  void SetUp() override {
    ServerThatBoots::SetUp();
    restart_with("  heartbeat_interval: 100ms\n");
    make_folder(paths().boot_folder, 0700);
  }
  void TearDown() override {
    if (service_) {
      service_->release_watchers();
      agent_->stop();
      tickets_->stop();
      EXPECT_TRUE(service_->stop_if_idle());
    }
    ServerThatBoots::TearDown();
  }
  [[nodiscard]] boot::HandOverPaths paths() const { return {in_folder("boot"), in_folder("run")}; }

  /// Does the work of firmware, iPXE and initrd: the boot script, the second initrd, and its files in their place.
  void boot_into_rescue() const {
    ASSERT_THAT(boot(), ::testing::HasSubstr("rescue-boot.cpio"));
    write_file_atomically(paths().boot_folder + "/control-plane.json", unpacked(second_initrd().body).dump(), 0600);
  }
  void request_rescue(const nlohmann::json& more) const {
    nlohmann::json body{{"reason", "locked out"}};
    body.update(more);
    const auto response = as_admin("POST", "/v1/servers/web-01/rescue", body.dump());
    ASSERT_LT(response.status, 300U) << response.body;
  }
  [[nodiscard]] boot::HandOver hand_over() const { return boot::HandOver::find(paths()).value(); }
  [[nodiscard]] http::ClientOptions client() const {
    http::ClientOptions options;
    options.base_url = url();
    return options;
  }
  void start_rescued() {
    layer_.emplace("web-01", client(), hand_over().agent_token().clone());
    channel_.emplace(hand_over(), client());
    auto ports = world_.ports(host_, outbox_);
    ports.boot_layers = {&*layer_};
    service_.emplace(ports, world_.settings);
    tickets_.emplace(*service_, desk_, domain::TicketSettings{}, domain::listeners_of(world_.settings.control_ports));
    agent_.emplace(*channel_, *service_, *tickets_, outbox_, clock_);
    host_.report_to(*agent_);
    service_->run();
    tickets_->run();
    agent_->run();
  }
  /// Starts the rescue by netbootctl; returns when its credentials are announced.
  void serve(std::vector<std::string> options) {
    options.insert(options.begin(), {"rescue", "start", "web-01", "--power", "none"});
    const auto started = netbootctl(std::move(options));
    ASSERT_EQ(started.status, 0) << started.err;
    boot_into_rescue();
    start_rescued();
    wait([](const auto& view) { return view.record.phase == domain::Phase::serving && view.record.announced; });
    wait([this](const auto&) { return rescue()["phase"] == "serving"; });  // netbootd knows it, too
  }
  /// File with the requester's secret key.
  [[nodiscard]] std::string key() const { return in_folder("web-01.key"); }
  template <class Wish>
  void wait(Wish wish) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    auto view = service_->status();
    while (!wish(view) && std::chrono::steady_clock::now() < deadline) {
      view = service_->wait_for_change(view.revision, Milliseconds(100));
    }
    ASSERT_TRUE(wish(view)) << "in phase " << name_of(view.record.phase);
  }
  [[nodiscard]] nlohmann::json rescue() const {
    return nlohmann::json::parse(as_admin("GET", "/v1/servers/web-01/rescue").body);
  }

  SessionWorld world_;
  SystemClock clock_;
  control::Mailbox mailbox_;
  control::Outbox outbox_{mailbox_, clock_};
  control::ReportingHost host_{world_.host};
  std::optional<boot::NetbootBootControl> layer_;
  std::optional<boot::NetbootAgent> channel_;
  FakeTicketDesk desk_;
  std::optional<control::SessionService> service_;
  std::optional<control::TicketService> tickets_;
  std::optional<control::HostAgent> agent_;
};

}  // namespace rescue::tests
