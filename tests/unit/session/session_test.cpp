// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Ending;
using domain::Phase;
using ::testing::HasSubstr;

TEST(RescueSession, ServesWithProvenCredentialsAndLeavesNothingBehind) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.missing_for_serving(), "");
  ASSERT_TRUE(session.record().connection);
  EXPECT_EQ(session.record().connection->address, "203.0.113.10");
  EXPECT_EQ(session.record().connection->ssh_host_key, world.probe.host_key);
  EXPECT_EQ(session.record().connection->ssh_host_key_blob, world.probe.host_key_blob);
  EXPECT_EQ(session.record().connection->rdp_certificate, world.probe.certificate);
  EXPECT_EQ(world.boot.current, "rescue-windows");

  session.finish(Ending::reboot, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world.left_behind(), "");
  EXPECT_EQ(world.host.endings, std::vector{Ending::reboot});
}

TEST(RescueSession, ChangesNothingWhenPreflightFails) {
  SessionWorld world;
  world.host.answer.memory_mib = 8192;
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("8192 MiB of memory, 15360 MiB are required"));
  EXPECT_THAT(error.hint(), HasSubstr("memory.minimum_mib"));
  EXPECT_EQ(world.claims.claims, 0);
  EXPECT_EQ(world.network.takeovers, 0);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NamesEveryFailedCheckAtOnce) {
  SessionWorld world;
  world.host.answer.memory_mib = 8192;
  world.settings.nic = "eth7";
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_THAT(error.what(), HasSubstr("memory: "));
  EXPECT_THAT(error.what(), HasSubstr("nic: there is no NIC eth7"));
}

TEST(RescueSession, RefusesAnImageWithoutSignature) {
  SessionWorld world;
  world.images.inspect_failure = Error(ErrorCode::image_untrusted, "has no signature", "Sign it");
  EXPECT_EQ(error_of([&] { world.fresh_session().start({}); }).code(), ErrorCode::image_untrusted);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, UndoesEverythingWhenTheDigestIsWrong) {
  SessionWorld world;
  world.images.fetch_failure = Error(ErrorCode::image_untrusted, "its SHA-256 differs from the manifest's");
  EXPECT_EQ(error_of([&] { world.fresh_session().start({}); }).code(), ErrorCode::image_untrusted);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, RefusesAnImageThatNeedsMoreMemoryThanTheGuestHas) {
  SessionWorld world;
  world.images.least_memory_mib = 1U << 20U;
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("the image fake needs 1048576"));
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, IsOnlyOneAtATime) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::conflict);
  EXPECT_EQ(session.record().phase, Phase::serving);
}

TEST(RescueSession, DoesWhatTheRequestAsksFor) {
  SessionWorld world;
  domain::SessionRequest request;
  request.session = "s-1";
  request.on_shutdown = "finish";
  request.then = "poweroff";
  request.image = "fake";
  request.requester_public_key = "a key";
  auto& session = world.fresh_session();
  session.start({}, request);
  ASSERT_EQ(world.announcer.recipients.size(), 1U);
  EXPECT_EQ(world.announcer.recipients.front().public_key, "a key");
  EXPECT_EQ(world.images.wishes, (std::vector<std::string>{"fake", "fake", "fake"})) << "to check, plan and fetch";
  // A new rescued uses it too: it is in the journal.
  auto& adopted = world.fresh_session();
  adopted.recover({});
  world.hypervisor.shut_down_from_inside(SessionWorld::guest());
  adopted.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_EQ(adopted.record().phase, Phase::finished);
  EXPECT_EQ(world.host.endings, std::vector{Ending::poweroff});
}

TEST(RescueSession, RefusesARequestThatItDoesNotUnderstand) {
  for (const auto& [field, word] : {std::pair{&domain::SessionRequest::on_shutdown, "dance"},
                                    {&domain::SessionRequest::then, "explode"},
                                    {&domain::SessionRequest::disk_mode, "write-once"},
                                    {&domain::SessionRequest::image, "another"}}) {
    SessionWorld world;
    domain::SessionRequest request;
    request.*field = word;
    auto& session = world.fresh_session();
    const auto error = error_of([&] { session.start({}, request); });
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_THAT(error.what(), HasSubstr(word));
    EXPECT_FALSE(error.hint().empty());
    EXPECT_EQ(session.record().phase, Phase::failed);
    EXPECT_EQ(world.left_behind(), "");
  }
}

}  // namespace
}  // namespace rescue::tests
