// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Commands that may run in each phase, and the errors of refusals.

#include "orchestrator/session/commands.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

namespace rescue::session {
namespace {

using domain::Phase;
using testing::HasSubstr;
using tests::error_of;

domain::SessionRecord in_phase(Phase phase) {
  domain::SessionRecord record;
  record.id = "web-42-1";
  record.phase = phase;
  return record;
}

/// One letter a phase, from idle to failed: y if the command may run.
std::string row_of(
    Command command, const std::function<void(domain::SessionRecord&)>& change = [](auto&) {}) {
  std::string row;
  for (const auto word : choices<Phase>()) {
    auto record = in_phase(parse_word<Phase>(word).value());
    change(record);
    row += allowed(command, record) ? 'y' : '-';
  }
  return row;
}

TEST(SessionCommands, MayRunInThesePhases) {
  //                                          idle, starting, serving, finishing, finished, failed
  EXPECT_EQ(row_of(Command::start), "y---yy");
  EXPECT_EQ(row_of(Command::finish), "-yyy-y");
  EXPECT_EQ(row_of(Command::rotate_credentials), "--y---");
  EXPECT_EQ(row_of(Command::care_for_guest), "--y---");
}

TEST(SessionCommands, StartNothingBeforeAllIsUndone) {
  const auto leave = [](auto& record) {
    record.rollback_failures.push_back({"release-network", {}, "the NIC is gone", {}});
  };
  EXPECT_EQ(row_of(Command::start, leave), "y---y-");
  auto record = in_phase(Phase::failed);
  leave(record);
  const auto error = error_of([&] { require_allowed(Command::start, record); });
  EXPECT_EQ(error.code(), ErrorCode::rollback_incomplete);
  EXPECT_THAT(error.what(), HasSubstr("release-network: the NIC is gone"));
  EXPECT_THAT(error.hint(), HasSubstr("rescuectl finish"));
}

TEST(SessionCommands, SayThatASessionIsActiveAlsoWhenItsWayOutHasFailedInPart) {
  auto record = in_phase(Phase::finishing);
  record.rollback_failures.push_back({"release-network", {}, "the NIC is gone", {}});
  EXPECT_EQ(error_of([&] { require_allowed(Command::start, record); }).code(), ErrorCode::conflict);
}

TEST(SessionCommands, FinishAgainWhileTheHostIsToEnd) {
  EXPECT_EQ(row_of(Command::finish, [](auto& record) { record.end_pending = true; }), "-yyyyy");
}

TEST(SessionCommands, SayWhyNotAndWhatToDo) {
  const auto busy = error_of([] { require_allowed(Command::start, in_phase(Phase::serving)); });
  EXPECT_EQ(busy.code(), ErrorCode::conflict);
  EXPECT_THAT(busy.what(), HasSubstr("session web-42-1 is serving"));
  EXPECT_THAT(busy.hint(), HasSubstr("rescuectl finish"));
  const auto nothing = error_of([] { require_allowed(Command::finish, in_phase(Phase::idle)); });
  EXPECT_EQ(nothing.code(), ErrorCode::conflict);
  const auto early = error_of([] { require_allowed(Command::rotate_credentials, in_phase(Phase::starting)); });
  EXPECT_THAT(early.what(), HasSubstr("it is starting"));
}

TEST(SessionCommands, DiscardNoChangesThatAreOnTheDisks) {
  auto record = in_phase(Phase::serving);
  const domain::FinishOrder discard{domain::Ending::reboot, domain::Changes::discard};
  EXPECT_NO_THROW(require_possible(discard, record)) << "without a plan nothing was changed";
  record.plan.emplace();
  EXPECT_NO_THROW(require_possible(discard, record)) << "no guest has changed anything";
  record.steps.push_back({"start-guest", domain::StepState::begun, {}, {}, {}});
  EXPECT_EQ(error_of([&] { require_possible(discard, record); }).code(), ErrorCode::precondition);
  EXPECT_NO_THROW(require_possible(domain::Ending::reboot, record));
  for (const auto mode : {domain::DiskMode::overlay, domain::DiskMode::read_only}) {
    record.plan->guest.disk_mode = mode;
    EXPECT_NO_THROW(require_possible(discard, record));
  }
}

}  // namespace
}  // namespace rescue::session
