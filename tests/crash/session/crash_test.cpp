// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescued is killed at every point where the journal is written, before and after the write, and started again.

#include "tests/doubles/session_world.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace rescue::tests {
namespace {

using domain::Ending;
using domain::Phase;

/// SIGKILL: no handler of std::exception catches it.
struct Killed {};

enum class Point { before_the_journal, after_the_journal };

struct Row {
  int save = 0;
  Point point{};
  std::string where;  ///< content of the journal's save, for the test's name
};

/// The journal's saves of an undisturbed session, named by their content.
std::vector<std::string> saves_of_a_session() {
  SessionWorld world;
  std::vector<std::string> saves;
  world.journal.after_save = [&](int) {
    const auto record = nlohmann::json::parse(*world.journal.content);
    const auto& steps = record.at("steps");
    auto name = record.at("phase").get<std::string>();
    for (const auto& step : steps) {
      // The last step in the list is the one that began or ended last.
      if (step.at("state") == "begun" || &step == &steps.back()) {
        name = fmt::format("{}_{}", step.at("name").get<std::string>(), step.at("state").get<std::string>());
      }
    }
    std::replace(name.begin(), name.end(), '-', '_');
    saves.push_back(fmt::format("{:02}_{}", saves.size() + 1, name));
  };
  auto& session = world.fresh_session();
  session.start({});
  session.finish(Ending::reboot, {});
  return saves;
}

std::vector<Row> rows() {
  std::vector<Row> table;
  int number = 0;
  for (const auto& save : saves_of_a_session()) {
    ++number;
    table.push_back({number, Point::before_the_journal, save + "_before"});
    table.push_back({number, Point::after_the_journal, save + "_after"});
  }
  return table;
}

class KilledAt : public ::testing::TestWithParam<Row> {
protected:
  /// Starts and finishes a session, killed at the row's point. Returns false if the kill did not happen.
  bool run_until_killed() {
    const auto kill = [this](int save) {
      if (save == GetParam().save) throw Killed{};
    };
    (GetParam().point == Point::before_the_journal ? world_.journal.before_save : world_.journal.after_save) = kill;
    bool killed = false;
    try {
      auto& session = world_.fresh_session();
      session.start({});
      session.finish(Ending::reboot, {});
    } catch (const Killed&) {
      killed = true;
    }
    world_.journal.before_save = [](int) {};
    world_.journal.after_save = [](int) {};
    return killed;
  }

  SessionWorld world_;
};

TEST_P(KilledAt, IsAdoptedOrUndone) {
  ASSERT_TRUE(run_until_killed());
  auto& session = world_.fresh_session();
  session.recover({});
  if (session.record().phase == Phase::serving) {
    EXPECT_EQ(world_.missing_for_serving(), "");
    session.finish(Ending::reboot, {});
  } else if (session.record().phase == Phase::idle) {
    // Killed before the first write: no step began.
    EXPECT_EQ(world_.boot.attempts, 0);
    world_.boot.current = "disk";
  }
  EXPECT_EQ(world_.left_behind(), "");
  EXPECT_FALSE(session.record().active());
  if (session.record().phase == Phase::finished) {
    EXPECT_EQ(world_.host.endings, std::vector{Ending::reboot}) << "who was told to finish sees the host end";
  }
}

TEST_P(KilledAt, ReportsWhatAGuestChangedIfOneMayHaveRun) {
  ASSERT_TRUE(run_until_killed());
  auto& session = world_.fresh_session();
  session.recover({});
  const bool may_have_run = session.record().find(domain::StepName::start_guest) != nullptr;
  if (session.record().phase == Phase::serving) {
    world_.recorder.disks["/dev/sda"].id = "d-2";
    session.finish(Ending::reboot, {});
    ASSERT_TRUE(session.record().report.has_value());
    EXPECT_EQ(session.record().report->changes.size(), 1U);
  }
  ASSERT_EQ(session.record().report.has_value(), may_have_run);
  if (may_have_run) {
    EXPECT_TRUE(session.record().report->unknown.empty());
  }
}

TEST_P(KilledAt, KeepsTheChangesWhollyOrNotAtAll) {
  world_.settings.disk_mode = domain::DiskMode::overlay;
  ASSERT_TRUE(run_until_killed());
  auto& session = world_.fresh_session();
  session.recover({});
  if (session.record().phase == Phase::serving) session.finish(Ending::reboot, {});
  if (session.record().phase == Phase::idle) world_.boot.current = "disk";
  EXPECT_EQ(world_.left_behind(), "");
  EXPECT_EQ(world_.overlays.written.size(), session.record().phase == Phase::finished ? 2U : 0U);
}

TEST_P(KilledAt, IsUndoneWhenTheGuestIsGoneToo) {
  ASSERT_TRUE(run_until_killed());
  world_.settings.on_shutdown = domain::ShutdownPolicy::finish;
  world_.hypervisor.crash(SessionWorld::guest());
  world_.claims.lose_holder();
  auto& session = world_.fresh_session();
  session.recover({});
  if (session.record().phase == Phase::idle) world_.boot.current = "disk";
  EXPECT_EQ(world_.left_behind(), "");
  EXPECT_FALSE(session.record().active());
}

TEST_P(KilledAt, SurvivesASecondKillWhileItRecovers) {
  ASSERT_TRUE(run_until_killed());
  const int so_far = world_.journal.saves;
  for (int second = 1;; ++second) {
    world_.journal.before_save = [&](int save) {
      if (save == so_far + second) throw Killed{};
    };
    bool killed = false;
    try {
      world_.fresh_session().recover({});
    } catch (const Killed&) {
      killed = true;
    }
    if (!killed || second == 2) break;
  }
  world_.journal.before_save = [](int) {};
  auto& session = world_.fresh_session();
  session.recover({});
  if (session.record().phase == Phase::serving) session.finish(Ending::stay, {});
  if (session.record().phase == Phase::idle) world_.boot.current = "disk";
  EXPECT_EQ(world_.left_behind(), "");
}

INSTANTIATE_TEST_SUITE_P(RescueSession, KilledAt, ::testing::ValuesIn(rows()),
                         [](const ::testing::TestParamInfo<Row>& row) { return row.param.where; });

TEST(RescueSession, EndsTheHostThatItWasToEndWhenItWasKilled) {
  SessionWorld world;
  auto& first = world.fresh_session();
  first.start({});
  world.host.before_end = [] { throw Killed{}; };
  EXPECT_THROW(first.finish(Ending::poweroff, {}), Killed);
  world.host.before_end = [] {};
  world.fresh_session().recover({});
  EXPECT_EQ(world.host.endings, std::vector{Ending::poweroff});
}

TEST(RescueSession, DoesNotEndAHostThatHasEnded) {
  SessionWorld world;
  auto& first = world.fresh_session();
  first.start({});
  first.finish(Ending::reboot, {});
  world.host.boot = "boot-2";
  auto& session = world.fresh_session();
  session.recover({});
  EXPECT_EQ(world.host.endings.size(), 1U);
  EXPECT_FALSE(session.record().end_pending);
}

TEST(RescueSession, GivesTheBootLayersTheSnapshotOfBeforeTheCrash) {
  SessionWorld world;
  world.fresh_session().start({});
  world.boot.remembered = "changed in mid session";
  world.host.boot = "boot-1";
  auto& session = world.fresh_session();
  session.recover({});
  session.finish(Ending::stay, {});
  EXPECT_EQ(world.boot.snapshots_given_back, std::vector<std::string>{"rescue"});
}

TEST(RescueSession, IsTakenUpAgainOnlySoOften) {
  SessionWorld world;
  world.fresh_session().start({});
  for (unsigned resume = 0; resume < world.settings.most_resumes; ++resume) {
    auto& session = world.fresh_session();
    session.recover({});
    ASSERT_EQ(session.record().phase, Phase::serving);
  }
  auto& session = world.fresh_session();
  session.recover({});
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, MakesNewCredentialsWhenAdoptedBeforeTheyWereAnnounced) {
  SessionWorld world;
  world.agent.after_effect = [](const std::string& call) {
    if (call == "run") throw Killed{};
  };
  EXPECT_THROW(world.fresh_session().start({}), Killed);
  world.agent.after_effect = {};
  auto& session = world.fresh_session();
  session.recover({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.agent.password_calls, 2);
  EXPECT_EQ(world.missing_for_serving(), "");
}

TEST(RescueSession, WaitsForALibvirtThatComesBackLate) {
  SessionWorld world;
  world.fresh_session().start({});
  world.hypervisor.away = true;
  auto& session = world.fresh_session();
  EXPECT_THROW(session.recover({}), Error);
  EXPECT_EQ(session.record().phase, Phase::serving) << "a guest that can't be asked about is not given up";
  world.hypervisor.away = false;
  world.fresh_session().recover({});
  EXPECT_EQ(world.missing_for_serving(), "");
}

}  // namespace
}  // namespace rescue::tests
