// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests that the rescue VM's system disk has an identity of its own before the guest starts, or that it does not start.
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {
namespace {

using domain::Phase;
using domain::StepName;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A server with two disks, of which the first is a copy of the image.
struct WorldOfCopies : SessionWorld {
  WorldOfCopies() { identities.disks["/dev/sda"] = identities.image; }
};

TEST(Identity, OfTheSystemDiskIsNewInEachSession) {
  WorldOfCopies world;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  const auto& overlay = session.record().plan->guest.system_disk;
  EXPECT_THAT(world.identities.renewed, ElementsAre(overlay));
  EXPECT_THAT(world.identities.taken, Contains(world.identities.image.id)) << "a disk of the server has it";
  EXPECT_THAT(session.record().find(StepName::start_guest)->detail, HasSubstr(world.identities.fresh.id));
  EXPECT_THAT(texts_of(session.record().warnings), Not(Contains(HasSubstr("identity"))));
}

TEST(Identity, StaysWhenAGuestIsRestarted) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.hypervisor.shut_down_from_inside(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_TRUE(world.hypervisor.runs(SessionWorld::guest()));
  EXPECT_EQ(world.identities.renewed.size(), 1U);
}

TEST(Identity, ThatIsKeptAndSharedByADiskStartsNoGuest) {
  WorldOfCopies world;
  world.settings.image_identity = domain::ImageIdentity::keep;
  auto& session = world.fresh_session();
  const auto refused = error_of([&] { session.start({}); });
  EXPECT_EQ(refused.code(), ErrorCode::precondition);
  EXPECT_THAT(refused.what(), AllOf(HasSubstr("fake and /dev/sda have one identity"), HasSubstr("might not start")));
  EXPECT_THAT(refused.hint(), AllOf(HasSubstr("image.identity: random"), HasSubstr("disks.exclude: [/dev/sda]")));
  EXPECT_THAT(world.identities.renewed, IsEmpty());
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(Identity, ThatIsKeptIsNoObstacleWithoutACopy) {
  SessionWorld world;
  world.settings.image_identity = domain::ImageIdentity::keep;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(session.record().find(StepName::start_guest)->detail, HasSubstr("as in the image"));
}

TEST(Identity, ThatCantBeChangedIsKeptWithAWarningUnlessItIsShared) {
  SessionWorld world;
  world.identities.kept_because = "a hive is damaged";
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(texts_of(session.record().warnings),
              Contains(AllOf(HasSubstr("keeps the identity of its image fake"), HasSubstr("a hive is damaged"))));

  WorldOfCopies other;
  other.identities.kept_because = "a hive is damaged";
  EXPECT_THAT(error_of([&] { other.fresh_session().start({}); }).what(), HasSubstr("have one identity"));
  EXPECT_EQ(other.left_behind(), "");
}

TEST(Identity, ThatWasHalfWrittenIsMadeAnew) {
  SessionWorld world;
  world.identities.renewal_failure = Error(ErrorCode::timeout, "it took longer than 120 s");
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.images.overlays_made, 2);
  EXPECT_THAT(texts_of(session.record().warnings), Contains(HasSubstr("it took longer than 120 s")));
}

TEST(Identity, OfTwoDisksOfTheServerIsWarnedOf) {
  SessionWorld world;
  world.identities.disks["/dev/sda"] = gpt_identity("33333333-3333-4333-8333-333333333333");
  world.identities.disks["/dev/sdb"] = world.identities.disks["/dev/sda"];
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(texts_of(session.record().warnings), Contains(AllOf(HasSubstr("/dev/sda and /dev/sdb have one identity"),
                                                                  HasSubstr("offline"), HasSubstr("disks.exclude"))));
}

TEST(Identity, ThatCantBeReadIsWarnedOfAndNoObstacle) {
  SessionWorld world;
  world.identities.problems["/dev/sdb"] = "it took longer than 10 s";
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(texts_of(session.record().warnings), Contains(HasSubstr("/dev/sdb: its identity can't be read")));
}

}  // namespace
}  // namespace rescue::tests
