// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Both ends of docs/host-agent.md: rescued's real host agent with a running netbootd. The server is in memory.
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "host_agent_under_test.hpp"
#include "orchestrator/boot/netboot.hpp"
#include "orchestrator/boot/netboot_agent.hpp"
#include "orchestrator/control/host_agent.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {
namespace {

using domain::Phase;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr Milliseconds patience{20'000};

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
      EXPECT_TRUE(service_->stop_if_idle());
    }
    ServerThatBoots::TearDown();
  }
  [[nodiscard]] boot::HandOverPaths paths() const { return {in_folder("boot"), in_folder("run")}; }

  /// Does the work of firmware, iPXE and initrd: the boot script, the second initrd, and its files in their place.
  void boot_into_rescue() const {
    ASSERT_THAT(boot(), HasSubstr("rescue-boot.cpio"));
    write_file_atomically(paths().boot_folder + "/control-plane.json", unpacked(second_initrd().body).dump(), 0600);
  }
  void request_rescue(const json& more) const {
    json body{{"reason", "locked out"}};
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
    const session::Ports ports{world_.hypervisor, world_.agent,  world_.inventory,     world_.claims, world_.network,
                               world_.probe,      world_.images, world_.control_plane, {&*layer_},    host_,
                               world_.journal,    outbox_,       world_.clock};
    service_.emplace(ports, world_.settings);
    agent_.emplace(*channel_, *service_, outbox_, clock_);
    host_.report_to(*agent_);
    service_->run();
    agent_->run();
  }
  template <class Wish>
  void wait(Wish wish) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto view = service_->status();
    while (!wish(view) && std::chrono::steady_clock::now() < deadline) {
      view = service_->wait_for_change(view.revision, Milliseconds(100));
    }
    ASSERT_TRUE(wish(view)) << "in phase " << name_of(view.record.phase);
  }
  [[nodiscard]] json rescue() const { return json::parse(as_admin("GET", "/v1/servers/web-01/rescue").body); }

  SessionWorld world_;
  SystemClock clock_;
  control::Mailbox mailbox_;
  control::Outbox outbox_{mailbox_};
  control::ReportingHost host_{world_.host};
  std::optional<boot::NetbootBootControl> layer_;
  std::optional<boot::NetbootAgent> channel_;
  std::optional<control::SessionService> service_;
  std::optional<control::HostAgent> agent_;
};

TEST_F(HostAgentAndNetbootd, GoFromTheRequestToTheDisk) {
  const auto keys = make_box_keys();
  request_rescue({{"public_key", base64_of(keys.public_key)}, {"then", "poweroff"}});
  boot_into_rescue();
  start_rescued();
  wait([](const auto& view) { return view.record.phase == Phase::serving && view.record.announced; });
  EXPECT_EQ(service_->status().record.announced->to, "the requester, by the control plane");
  const auto read = as_admin("POST", "/v1/servers/web-01/rescue/credentials", "{}");
  ASSERT_EQ(read.status, 200U) << read.body;
  const auto sealed = bytes_of_base64(json::parse(read.body).at("sealed").get<std::string>());
  ASSERT_TRUE(sealed);
  const auto opened = open_sealed(*sealed, keys.secret_key);
  EXPECT_TRUE(world_.agent.accepts(SessionWorld::guest(), "Administrator",
                                   json::parse(opened.reveal()).at("password").get<std::string>()));

  ASSERT_LT(as_admin("DELETE", "/v1/servers/web-01/rescue").status, 300U);
  wait([](const auto& view) { return !view.busy && view.record.phase == Phase::finished; });
  EXPECT_EQ(world_.host.endings.size(), 1U);
  world_.boot.current = "disk";
  EXPECT_EQ(world_.left_behind(), "");
  EXPECT_EQ(json::parse(as_admin("GET", "/v1/servers/web-01/boot-mode").body).at("mode"), "disk");
  EXPECT_THAT(boot(), HasSubstr("exit"));
}

TEST_F(HostAgentAndNetbootd, AgreeOnATokenThatSomebodyElseUsed) {
  request_rescue(json::object());
  boot_into_rescue();
  const auto stolen = json::parse(read_file(paths().boot_folder + "/control-plane.json")).at("boot_token");
  ASSERT_EQ(redeem(stolen, "the thief's").status, 201U);
  start_rescued();
  wait([](const auto& view) { return view.control_plane.state == control::ControlPlaneState::refused; });
  EXPECT_EQ(service_->status().record.phase, Phase::idle);
  EXPECT_EQ(world_.hypervisor.start_calls, 0);
}

TEST_F(HostAgentAndNetbootd, RedeemTwiceAtNoCost) {
  request_rescue(json::object());
  boot_into_rescue();
  boot::NetbootAgent first(hand_over(), client());
  const auto kept = read_file(paths().boot_folder + "/control-plane.json");
  const auto session = first.redeem({}).session;
  // The answer was lost: no file was written.
  write_file_atomically(paths().boot_folder + "/control-plane.json", kept, 0600);
  remove_file_durably(paths().runtime_folder + "/agent.json");
  EXPECT_EQ(boot::NetbootAgent(hand_over(), client()).redeem({}).session, session);
}

}  // namespace
}  // namespace rescue::tests
