// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "host_agent_world.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::tests {
namespace {

using control::ControlPlaneState;
using domain::Ending;
using domain::Phase;
using ::testing::HasSubstr;

ports::Command finish(std::uint64_t id, domain::FinishOrder order) {
  return {id, contract::AgentCommand::finish, order};
}

TEST_F(HostAgentWorld, ShowsWhenTheLeaseEndsAndWarnsInTheGuest) {
  world_.offer_actions();
  const auto ends = world_.clock.wall() + std::chrono::hours(2);
  channel_.lease_ends = ends;
  boot();
  (void)wait([&](const control::StatusView& view) {
    return view.record.phase == Phase::serving && view.record.lease && view.record.lease->ends == ends && !view.busy;
  });
  EXPECT_NE(world_.agent.files[SessionWorld::login_file].find("reserved until"), std::string::npos);
  channel_.change(
      [&](FakeAgentChannel& channel) { channel.lease_ends = world_.clock.wall() + std::chrono::minutes(10); });
  (void)wait([](const control::StatusView& view) {
    return view.record.has_warning(domain::WarningCode::lease_ends_soon) && !view.busy;
  });
  EXPECT_EQ(std::count_if(world_.agent.commands.begin(), world_.agent.commands.end(),
                          [](const auto& argv) { return argv.front() == "wall"; }),
            1);
}

TEST_F(HostAgentWorld, StartsTheSessionThatIsAskedForAndEndsItOnCommand) {
  channel_.redemption.request->then = "poweroff";
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  channel_.change([](auto& channel) { channel.command = ports::Command{7}; });
  ASSERT_TRUE(channel_.wait_for_phase(Phase::finished));
  wait_until_over();
  EXPECT_EQ(world_.host.endings, std::vector{Ending::poweroff}) << "as the request says";
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(HostAgentWorld, DiscardsNoChangesThatAreOnTheDisksAlready) {
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  channel_.change([](auto& channel) { channel.command = finish(7, {Ending::reboot, domain::Changes::discard}); });
  const auto heard = channel_.heard().size();
  ASSERT_TRUE(channel_.wait_until([&](const auto& words) { return words.size() > heard + 3; }))
      << "told again and again";
  EXPECT_EQ(channel_.heard().back().phase, Phase::serving);
  channel_.change([](auto& channel) { channel.command = finish(8, {Ending::reboot}); });
  wait_until_over();
}

TEST_F(HostAgentWorld, SaysTheLastWordBeforeTheHostEnds) {
  std::optional<Phase> heard_last;
  world_.host.before_end = [&] { heard_last = channel_.heard().back().phase; };
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  service_->finish(Ending::reboot);
  wait_until_over();
  EXPECT_EQ(heard_last, Phase::finished);
}

TEST_F(HostAgentWorld, EndsTheHostThoughNobodyHearsTheLastWord) {
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  channel_.change([](auto& channel) { channel.away = true; });
  service_->finish(Ending::reboot);
  wait_until_over();
  EXPECT_EQ(world_.host.endings, std::vector{Ending::reboot});
}

TEST_F(HostAgentWorld, RedeemsAgainWhileTheControlPlaneIsAway) {
  channel_.redeem_failures = {Error(ErrorCode::unavailable, "away"), Error(ErrorCode::timeout, "slow")};
  boot();
  EXPECT_TRUE(channel_.wait_for_phase(Phase::serving));
  EXPECT_EQ(channel_.redemptions(), 3);
}

TEST_F(HostAgentWorld, LeavesAllToTheOperatorWhenTheBootTokenIsRefused) {
  channel_.redeem_failures = {Error(ErrorCode::conflict, "the boot token was used by another")};
  boot();
  const auto view = wait_for_state(ControlPlaneState::refused);
  EXPECT_THAT(view.control_plane.problem, HasSubstr("used by another"));
  EXPECT_THAT(view.control_plane.hint, HasSubstr("rescuectl start"));
  EXPECT_EQ(view.record.phase, Phase::idle);
  EXPECT_EQ(world_.boot.attempts, 0) << "the boot mode is not touched";
  EXPECT_EQ(channel_.redemptions(), 1);
  (void)wait([](const auto& now) { return !now.busy; });
  service_->start();
  (void)wait([](const auto& now) { return now.record.phase == Phase::serving; });
}

TEST_F(HostAgentWorld, GivesUpRedeemingAtItsDeadline) {
  settings_.redemption = Milliseconds(1);
  channel_.away = true;
  boot();
  EXPECT_THAT(wait_for_state(ControlPlaneState::lost).control_plane.problem, HasSubstr("in time"));
}

TEST_F(HostAgentWorld, StartsNoSecondSessionAfterARestart) {
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  service_->finish(Ending::stay);
  ASSERT_TRUE(channel_.wait_for_phase(Phase::finished));
  end_process();
  const auto so_far = channel_.heard().size();
  boot();
  ASSERT_TRUE(channel_.wait_until([&](const auto& heard) { return heard.size() > so_far + 5; }));
  EXPECT_EQ(world_.hypervisor.start_calls, 1);
  EXPECT_EQ(service_->status().record.phase, Phase::finished);
  end_process();
  world_.host.boot = "boot-2";
  world_.boot.current = "rescue-windows";
  boot();
  EXPECT_TRUE(channel_.wait_for_phase(Phase::serving)) << "the same session, in another boot: a reset inside it";
}

TEST_F(HostAgentWorld, ReportsARequestThatCantBeHadHere) {
  channel_.redemption.request->disk_mode = "write-once";
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::failed));
  EXPECT_THAT(channel_.heard().back().failure, HasSubstr("disk_mode 'write-once', which is unknown here"));
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(HostAgentWorld, CarriesOutACommandOnce) {
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  world_.host.before_end = [] { throw Error(ErrorCode::subprocess, "no reboot today"); };
  channel_.change([](auto& channel) { channel.command = finish(7, {Ending::reboot}); });
  ASSERT_TRUE(channel_.wait_for_phase(Phase::finished));
  channel_.change([](auto& channel) { channel.command = finish(7, {Ending::reboot}); });
  const auto so_far = channel_.heard().size();
  ASSERT_TRUE(channel_.wait_until([&](const auto& heard) { return heard.size() > so_far + 5; }));
  EXPECT_TRUE(world_.host.endings.empty());
}

TEST_F(HostAgentWorld, SealsTheCredentialsToWhoAsked) {
  const auto keys = make_box_keys();
  channel_.redemption.request->requester_public_key = base64_of(keys.public_key);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  const auto sealed = channel_.sealed();
  ASSERT_EQ(sealed.size(), 1U);
  const auto opened = open_sealed(sealed.front(), keys.secret_key);
  const auto credentials = nlohmann::json::parse(opened.reveal());
  EXPECT_EQ(credentials.at("address"), "203.0.113.10");
  EXPECT_EQ(credentials.at("ssh_host_key"), world_.probe.host_key);
  EXPECT_TRUE(
      world_.agent.accepts(SessionWorld::guest(), "Administrator", credentials.at("password").get<std::string>()));
  EXPECT_EQ(service_->status().record.announced->to, "the requester, by the control plane");

  const auto rotated = service_->rotate_credentials();
  ASSERT_EQ(channel_.sealed().size(), 2U);
  const auto again = open_sealed(channel_.sealed().back(), keys.secret_key);
  EXPECT_EQ(nlohmann::json::parse(again.reveal()).at("password"), rotated.reveal());
}

TEST_F(HostAgentWorld, ServesAndWarnsWhenTheCredentialsDontArriveAndDeliversThemLate) {
  const auto keys = make_box_keys();
  channel_.redemption.request->requester_public_key = base64_of(keys.public_key);
  world_.settings.deadlines.announcement = Milliseconds(50);
  world_.hypervisor.after_effect = [this](const std::string& effect) {
    if (effect == "start") channel_.change([](auto& channel) { channel.away = true; });
  };
  boot();
  const auto serving = wait([](const auto& view) { return view.record.phase == Phase::serving; });
  ASSERT_EQ(serving.record.warnings.size(), 1U);
  EXPECT_THAT(serving.record.warnings.front().text, HasSubstr("rescuectl credentials rotate"));
  EXPECT_FALSE(serving.record.announced);
  channel_.change([](auto& channel) { channel.away = false; });
  const auto late = wait([](const auto& view) { return view.record.announced.has_value(); });
  EXPECT_TRUE(late.record.warnings.empty());
  EXPECT_EQ(channel_.sealed().size(), 1U);
}

TEST_F(HostAgentWorld, GoesOnBeatingWhenTheCredentialsAreRefused) {
  const auto keys = make_box_keys();
  channel_.redemption.request->requester_public_key = base64_of(keys.public_key);
  channel_.deliver_failures = {Error(ErrorCode::denied, "no requester waits for them")};
  boot();
  const auto serving = wait([](const auto& view) { return view.record.phase == Phase::serving; });
  ASSERT_EQ(serving.record.warnings.size(), 1U);
  EXPECT_THAT(serving.record.warnings.front().text,
              HasSubstr("refuses the sealed credentials: no requester waits for them"));
  const auto heard = channel_.heard().size();
  EXPECT_TRUE(channel_.wait_until([&](const auto& words) { return words.size() > heard + 3; }));
  EXPECT_EQ(service_->status().control_plane.state, ControlPlaneState::connected);
  EXPECT_TRUE(channel_.sealed().empty()) << "what was refused is not posted again";
  (void)service_->rotate_credentials();
  EXPECT_EQ(channel_.sealed().size(), 1U) << "and new ones are";
}

TEST_F(HostAgentWorld, GivesASignOfLifeBeforeItPostsMail) {
  const auto keys = make_box_keys();
  channel_.redemption.request->requester_public_key = base64_of(keys.public_key);
  for (int times = 0; times < 3; ++times) channel_.deliver_failures.emplace_back(ErrorCode::timeout, "slow");
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  EXPECT_EQ(channel_.sealed().size(), 1U) << "posted again until it was taken";
  const auto log = channel_.calls();
  for (std::size_t at = 1; at < log.size(); ++at) {
    EXPECT_FALSE(log[at] == "deliver" && log[at - 1] == "deliver") << "a heartbeat goes before each attempt";
  }
}

TEST_F(HostAgentWorld, StartsASessionInABootWhoseJournalHoldsOneOfBefore) {
  world_.fresh_session().start({});
  world_.host.boot = "boot-2";
  world_.network.taken = false;
  world_.boot.current = "rescue-windows";
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  EXPECT_EQ(service_->status().record.boot_id, "boot-2");
  EXPECT_EQ(service_->status().record.resumes, 0U);
}

TEST_F(HostAgentWorld, GoesOnWithoutAControlPlaneThatKnowsItNoMore) {
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  channel_.change([](auto& channel) { channel.heartbeat_failures = {Error(ErrorCode::denied, "unknown token")}; });
  const auto view = wait_for_state(ControlPlaneState::ended);
  EXPECT_EQ(view.record.phase, Phase::serving);
  service_->finish(Ending::reboot);
  wait_until_over();
}

TEST_F(HostAgentWorld, StartsNothingWhenNobodyAsks) {
  channel_.redemption.request.reset();
  boot();
  ASSERT_TRUE(channel_.wait_until([](const auto& heard) { return heard.size() > 3; }));
  EXPECT_EQ(service_->status().record.phase, Phase::idle);
}

}  // namespace
}  // namespace rescue::tests
