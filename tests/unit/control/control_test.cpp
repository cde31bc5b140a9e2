// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/ssh_key.hpp"
#include "orchestrator/control/api.hpp"
#include "orchestrator/domain/listener_ports.hpp"
#include "orchestrator/session/plan.hpp"
#include "tests/doubles/fake_ticket_desk.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <thread>

namespace rescue::tests {
namespace {

using control::Mailbox;
using control::SessionService;
using domain::Ending;
using domain::Phase;
using ::testing::HasSubstr;

constexpr Milliseconds patience{20'000};

/// rescued without its process: the service with its thread, and the routes, on a server in memory.
class Control : public ::testing::Test {
protected:
  session::Ports ports() { return world_.ports(mailbox_); }
  void TearDown() override {
    wait_until_idle();
    EXPECT_TRUE(service_.stop_if_idle());
  }

  /// The first command looks for a session that a crash left behind.
  void run() {
    service_.run();
    (void)wait_until_idle();
  }
  control::StatusView wait_until_idle() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto view = service_.status();
    while (view.busy && std::chrono::steady_clock::now() < deadline) {
      view = service_.wait_for_change(view.revision, patience);
    }
    EXPECT_FALSE(view.busy);
    return view;
  }
  http::Response call(const std::string& method, const std::string& path, const std::string& body = {}) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.peer = "unix";
    request.peer_uid = 0;
    const auto& route = router_.match(request);
    return route.handler(request);
  }

  SessionWorld world_;
  Mailbox mailbox_;
  session::Ports ports_ = ports();
  SessionService service_{ports(), world_.settings};
  FakeTicketDesk desk_;
  control::TicketService tickets_{service_, desk_, {}, domain::listeners_of(world_.settings.control_ports)};
  FakeDiskHealth health_;
  http::Router router_ = control::make_router({service_, mailbox_, ports_, world_.settings, tickets_, health_});
};

TEST_F(Control, RunsASessionAndShowsIt) {
  run();
  EXPECT_EQ(call("POST", "/v1/session").status, 202U);
  EXPECT_EQ(wait_until_idle().record.phase, Phase::serving);
  const auto status = nlohmann::json::parse(call("GET", "/v1/status").body);
  EXPECT_EQ(status.at("phase"), "serving");
  EXPECT_EQ(status.at("connection").at("ssh_host_key"), world_.probe.host_key);
  EXPECT_EQ(status.at("connection").at("ssh_host_key_blob"), world_.probe.host_key_blob);
  EXPECT_EQ(status.at("announced"), nullptr) << "nobody was waiting";
  EXPECT_EQ(call("POST", "/v1/session/finish", R"({"then": "poweroff"})").status, 202U);
  EXPECT_EQ(wait_until_idle().record.phase, Phase::finished);
  EXPECT_EQ(world_.left_behind(), "");
  EXPECT_EQ(world_.host.endings, std::vector{Ending::poweroff});
}

TEST_F(Control, GivesTheCredentialsOnceToWhoWaits) {
  run();
  (void)call("POST", "/v1/session", R"({"collect": true})");
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto view = service_.status();
  while (view.waiting_for != "somebody to take the credentials" && std::chrono::steady_clock::now() < deadline) {
    view = service_.wait_for_change(view.revision, Milliseconds(100));
  }
  const auto given = call("POST", "/v1/session/collect");
  EXPECT_THAT(given.headers, ::testing::Contains(std::pair<std::string, std::string>("Cache-Control", "no-store")));
  const auto credentials = nlohmann::json::parse(given.body);
  EXPECT_TRUE(
      world_.agent.accepts(SessionWorld::guest(), "Administrator", credentials.at("password").get<std::string>()));
  const auto serving = wait_until_idle();
  ASSERT_TRUE(serving.record.announced);
  EXPECT_EQ(serving.record.announced->to, "uid 0 on the control socket");
  EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/session/collect"); }).code(), ErrorCode::not_found);
}

TEST_F(Control, StopsAndUndoesASessionThatIsFinishedOnItsWayIn) {
  world_.hypervisor.after_effect = [this](const std::string& effect) {
    if (effect == "start") service_.finish(Ending::reboot);
  };
  run();
  (void)call("POST", "/v1/session");
  const auto view = wait_until_idle();
  EXPECT_EQ(view.record.phase, Phase::failed);
  EXPECT_EQ(view.record.failure->code, ErrorCode::cancelled);
  EXPECT_EQ(world_.left_behind(), "");
  EXPECT_EQ(world_.host.endings, std::vector{Ending::reboot});
}

TEST_F(Control, RefusesASecondSession) {
  run();
  (void)call("POST", "/v1/session");
  (void)wait_until_idle();
  EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/session"); }).code(), ErrorCode::conflict);
}

TEST_F(Control, RefusesToFinishNothing) {
  run();
  (void)wait_until_idle();
  EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/session/finish"); }).code(), ErrorCode::conflict);
  EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/credentials/rotate"); }).code(), ErrorCode::conflict);
}

TEST_F(Control, RestartsAGuestThatEndedByItself) {
  world_.hypervisor.subscribe([this](const domain::GuestEvent& event) { service_.guest_event(event); });
  run();
  (void)call("POST", "/v1/session");
  (void)wait_until_idle();
  const auto before = service_.status().revision;
  world_.hypervisor.shut_down_from_inside(SessionWorld::guest());
  (void)service_.wait_for_change(before, patience);
  EXPECT_EQ(wait_until_idle().record.phase, Phase::serving);
  EXPECT_TRUE(world_.hypervisor.runs(SessionWorld::guest()));
}

TEST_F(Control, PlansWithoutChangingAnything) {
  const auto plan = nlohmann::json::parse(call("GET", "/v1/plan").body);
  EXPECT_EQ(plan.at("steps").front(), "preflight");
  EXPECT_EQ(plan.at("guest").at("disks").size(), 2U);
  EXPECT_THAT(plan.at("domain_xml").get<std::string>(), HasSubstr("rescue-web-42"));
  EXPECT_EQ(world_.claims.claims + world_.network.takeovers + world_.hypervisor.start_calls, 0);
}

TEST_F(Control, DoctorShowsEveryCheckWithItsRemedy) {
  world_.host.answer.memory_mib = 4096;
  const auto doctor = nlohmann::json::parse(call("GET", "/v1/doctor").body);
  EXPECT_FALSE(doctor.at("passed").get<bool>());
  std::vector<std::string> names;
  for (const auto& check : doctor.at("checks")) names.push_back(check.at("name"));
  EXPECT_THAT(names,
              ::testing::ElementsAre("memory", "libvirt", "kvm", "image", "nic", "disks", "control-plane", "boot"));
  EXPECT_THAT(doctor.at("checks").at(0).at("remedy").get<std::string>(), HasSubstr("memory.minimum_mib"));
}

TEST_F(Control, NamesAnUnknownFieldOfARequest) {
  const auto error = error_of([&] { (void)call("POST", "/v1/session/finish", R"({"than": "stay"})"); });
  EXPECT_THAT(error.what(), HasSubstr("than: is not a known key"));
  EXPECT_EQ(error.hint(), "Did you mean 'then'?");
}

TEST(Mailbox, KeepsNoPasswordThatNobodyWaitsFor) {
  Mailbox mailbox;
  EXPECT_EQ(mailbox.announce({}, Secret("geheim"), {}, patience, {}).to, "");
  EXPECT_FALSE(mailbox.collect("somebody", Milliseconds(1)));
}

TEST(Mailbox, ForgetsThePasswordAtItsLimit) {
  Mailbox mailbox;
  mailbox.expect(true);
  EXPECT_EQ(mailbox.announce({}, Secret("geheim"), {}, Milliseconds(5), {}).to, "");
  EXPECT_FALSE(mailbox.collect("somebody", Milliseconds(1)));
}

TEST_F(Control, StartsASessionWithTheOperatorsWishes) {
  world_.offer_actions();
  run();
  const auto key = credentials::make_ssh_key_pair("operator").public_key;
  const nlohmann::json order{{"collect", false}, {"ssh_keys", {key}}, {"keyboard", "de"}, {"language", "de"}};
  ASSERT_EQ(call("POST", "/v1/session", order.dump()).status, 202U);
  (void)wait_until_idle();
  const auto status = nlohmann::json::parse(call("GET", "/v1/status").body);
  EXPECT_EQ(status.at("phase"), "serving");
  EXPECT_EQ(status.at("guest").at("ssh_keys"), "proven");
  EXPECT_EQ(status.at("guest").at("keyboard"), "set");
  EXPECT_EQ(status.at("guest").at("keys_only"), "not-asked");
  EXPECT_EQ(status.at("lease"), nullptr);
}

TEST_F(Control, NamesVolumesUntilAGuestMayWriteToThem) {
  run();
  domain::PartitionFacts partition;
  partition.number = 3;
  partition.content = domain::Content::ntfs;
  const auto disk = session::survey_disks(ports_, {}).usable.at(0);
  world_.inspector.facts[disk.path].partitions = {partition};
  const auto answer = nlohmann::json::parse(call("GET", "/v1/files").body);
  EXPECT_EQ(answer.at("volumes").at(0).at("disk"), disk.path);
  EXPECT_EQ(answer.at("volumes").at(0).at("device"), disk.device);
  EXPECT_EQ(answer.at("volumes").at(0).at("partition"), 3);
  EXPECT_EQ(answer.at("ssh_keys"), nlohmann::json::array());
  ASSERT_EQ(call("POST", "/v1/session").status, 202U);
  (void)wait_until_idle();
  const auto refused = error_of([&] { (void)call("GET", "/v1/files"); });
  EXPECT_EQ(refused.code(), ErrorCode::conflict);
  EXPECT_THAT(refused.hint(), HasSubstr("rescuectl finish"));
  const auto status = nlohmann::json::parse(call("GET", "/v1/status").body);
  EXPECT_FALSE(status.at("files").at("readable"));
}

TEST_F(Control, RefusesWishesThatNoGuestCanHave) {
  run();
  for (const auto* const order :
       {R"({"keyboard": "germn"})", R"({"ssh_keys": ["no key"]})", R"({"auth": "keys-only"})"}) {
    EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/session", order); }).code(), ErrorCode::usage) << order;
  }
  EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/session", R"({"auth": "keys"})"); }).code(),
            ErrorCode::config_invalid);
  const auto error = error_of([&] { (void)call("POST", "/v1/session", R"({"keyboard": "dee"})"); });
  EXPECT_THAT(error.hint(), HasSubstr("Did you mean 'de'?"));
  EXPECT_EQ(service_.status().record.phase, Phase::idle);
}

}  // namespace
}  // namespace rescue::tests
