// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Phase;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(RescueSession, NeverWritesThePasswordToItsJournal) {
  SessionWorld world;
  world.fresh_session().start({});
  ASSERT_FALSE(world.announcer.passwords.empty());
  EXPECT_THAT(*world.journal.content, Not(HasSubstr(world.announcer.passwords.back())));
}

TEST(RescueSession, EndsWithATimeoutWhenTheGuestNeverAnswers) {
  SessionWorld world;
  world.agent.never_answers = true;
  EXPECT_EQ(error_of([&] { world.fresh_session().start({}); }).code(), ErrorCode::timeout);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NeverServesWhenTheAgentRefusesThePassword) {
  SessionWorld world;
  world.agent.password_failure = Error(ErrorCode::guest_agent, "refused");
  auto& session = world.fresh_session();
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::guest_agent);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_THAT(world.announcer.passwords, IsEmpty());
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NeverServesWhenThePasswordDoesNotLogIn) {
  SessionWorld world;
  world.probe.accepts = [](const std::string&, std::string_view) { return false; };
  EXPECT_EQ(error_of([&] { world.fresh_session().start({}); }).code(), ErrorCode::access_unproven);
  EXPECT_THAT(world.announcer.passwords, IsEmpty());
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, WaitsForServicesThatComeUpLate) {
  SessionWorld world;
  world.probe.ssh_closed_for = 20;
  world.probe.rdp_closed_for = 20;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
}

TEST(RescueSession, NeverServesWhenSshStaysClosed) {
  SessionWorld world;
  world.probe.ssh_closed_for = 1'000'000;
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::access_unproven);
  EXPECT_THAT(error.what(), HasSubstr("SSH"));
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NeverServesWhenRdpStaysClosed) {
  SessionWorld world;
  world.probe.rdp_closed_for = 1'000'000;
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::access_unproven);
  EXPECT_THAT(error.what(), HasSubstr("RDP"));
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, SaysHandshakeOnlyWhereTheGuestHasNoNla) {
  SessionWorld world;
  world.probe.nla = false;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().connection->rdp_proof, domain::RdpProof::handshake_only);
}

TEST(RescueSession, GoesOnWithoutAHostname) {
  SessionWorld world;
  world.agent.run_failure = Error(ErrorCode::guest_agent, "guest-exec is disabled");
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(texts_of(session.record().warnings), Contains(HasSubstr("guest-exec is disabled")));
}

TEST(RescueSession, ServesAndIsWrittenDownWhateverTheGuestSays) {
  SessionWorld world;
  world.agent.program = [](const auto&) {
    return ports::AgentCommandResult{1, "\xff\x1b[2J\xe2\x80\xae" + std::string(100'000, 'x')};
  };
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  ASSERT_EQ(session.record().warnings.size(), 1U);
  EXPECT_THAT(session.record().warnings.front().text, HasSubstr("not set: \\xff\\x1b[2J\\u202exxx"));
  EXPECT_LE(session.record().warnings.front().text.size(), 2'000U);
  EXPECT_TRUE(world.journal.load());
}

TEST(RescueSession, GoesOnServingWhenARotationMeetsBytesThatAreNoText) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.probe.whoami = "\xc3\x28\n\x9b";
  const auto error = error_of([&] { (void)session.rotate_credentials({}); });
  EXPECT_EQ(error.code(), ErrorCode::access_unproven);
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(texts_of(session.record().warnings), Contains(HasSubstr("whoami answered '\\xc3( \\x9b'")));
}

TEST(RescueSession, SetsTheHostname) {
  SessionWorld world;
  world.fresh_session().start({});
  EXPECT_THAT(world.agent.commands, ::testing::ElementsAre(::testing::ElementsAre("/bin/hostname", "WINRESCUE")));
}

TEST(RescueSession, RotatesToAPasswordThatAloneWorks) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  const auto old_password = world.announcer.passwords.back();
  const auto new_password = session.rotate_credentials({});
  EXPECT_TRUE(world.agent.accepts(SessionWorld::guest(), "Administrator", new_password.reveal()));
  EXPECT_FALSE(world.agent.accepts(SessionWorld::guest(), "Administrator", old_password));
}

TEST(RescueSession, SaysThatNobodyKnowsAPasswordThatWasNotProven) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.probe.rdp_without_tls = true;  // the customer has changed something
  const auto error = error_of([&] { (void)session.rotate_credentials({}); });
  EXPECT_EQ(error.code(), ErrorCode::access_unproven);
  EXPECT_THAT(error.hint(), HasSubstr("then rotate again"));

  auto& after_restart = world.fresh_session();
  after_restart.recover({});
  EXPECT_EQ(after_restart.record().phase, Phase::serving);
  EXPECT_FALSE(after_restart.record().announced) << "who was told the old one knows nothing now";
  EXPECT_THAT(texts_of(after_restart.record().warnings), Contains(HasSubstr("could not be proven")));

  world.probe.rdp_without_tls = false;
  const auto password = after_restart.rotate_credentials({});
  EXPECT_TRUE(world.agent.accepts(SessionWorld::guest(), "Administrator", password.reveal()));
  EXPECT_TRUE(after_restart.record().announced);
  EXPECT_THAT(texts_of(after_restart.record().warnings), Not(Contains(HasSubstr("could not be proven"))));
}

TEST(RescueSession, ServesWhenNobodyTakesTheCredentials) {
  SessionWorld world;
  world.announcer.somebody_waits = false;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_FALSE(session.record().announced);
}

}  // namespace
}  // namespace rescue::tests
