// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// A walk of a job that is no rescue: steps that are applied, reapplied and undone, and the journal meanwhile.

#include "orchestrator/walk/walk.hpp"
#include "tests/doubles/fake_clock.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

namespace rescue::walk {
namespace {

using domain::StepState;
using testing::ElementsAre;
using testing::IsEmpty;
using tests::error_of;

/// Records its calls; fails at `failing`.
class Recorded final : public Step {
public:
  Recorded(std::vector<std::string>& deeds, std::string name, std::string undo_name, bool survives = true)
      : deeds_(deeds), name_(std::move(name)), undo_name_(std::move(undo_name)), survives_(survives) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string_view undo_name() const override { return undo_name_; }
  void apply() override { act("apply " + name_); }
  bool reapply() override {
    act("reapply " + name_);
    return survives_;
  }
  void undo() override { act(undo_name_); }

  std::string failing;  ///< the call that fails

private:
  void act(const std::string& deed) {
    deeds_.push_back(deed);
    if (deed == failing) throw Error(ErrorCode::io, deed + " failed", "Try again.");
  }

  std::vector<std::string>& deeds_;
  std::string name_;
  std::string undo_name_;
  bool survives_;
};

class Walks : public testing::Test {
protected:
  [[nodiscard]] Walk walk() {
    return {record_, clock_, [this] {
              if (journal_is_full_) throw Error(ErrorCode::io, "no space left");
              saved_.push_back(states());
            }};
  }
  [[nodiscard]] std::string states() const {
    std::string text;
    for (const auto& step : record_.steps) text += step.name + ":" + std::string(name_of(step.state)) + " ";
    return text;
  }

  std::vector<std::string> deeds_;
  std::vector<std::string> saved_;
  bool journal_is_full_ = false;
  domain::WalkRecord record_;
  tests::FakeClock clock_;
  Recorded mount_{deeds_, "mount", "unmount"};
  Recorded edit_{deeds_, "edit", "put-back"};
  Recorded tell_{deeds_, "hand-over", "", false};
  Recorded report_{deeds_, "", "report"};
  std::vector<Step*> in_{&mount_, &edit_, &tell_};
  std::vector<Step*> out_{&edit_, &mount_, &report_};
};

TEST_F(Walks, WriteTheJournalBeforeAndAfterEachStep) {
  in_.pop_back();
  walk().in(in_, {});
  EXPECT_THAT(deeds_, ElementsAre("apply mount", "apply edit"));
  EXPECT_THAT(saved_, ElementsAre("mount:begun ", "mount:done ", "mount:done edit:begun ", "mount:done edit:done "));
}

TEST_F(Walks, StopBetweenTwoSteps) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(error_of([&] { walk().in(in_, stop.get_token()); }).code(), ErrorCode::cancelled);
  EXPECT_THAT(deeds_, IsEmpty());
}

TEST_F(Walks, LeaveAStepThatFailedInProgressUntilTheFailureIsRecorded) {
  edit_.failing = "apply edit";
  try {
    walk().in(in_, {});
    FAIL() << "it did not throw";
  } catch (const Error& error) {
    ASSERT_NE(record_.in_progress(), nullptr);
    const auto failure = walk().fail(error);
    EXPECT_EQ(failure.step, "edit");
    EXPECT_EQ(failure.hint, "Try again.");
  }
  EXPECT_EQ(states(), "mount:done edit:failed ");
  EXPECT_EQ(record_.in_progress(), nullptr);
}

TEST_F(Walks, UndoWhatMayBeInEffectAndWhatAlwaysRuns) {
  edit_.failing = "apply edit";
  EXPECT_THROW(walk().in(in_, {}), Error);
  record_.interrupt();
  deeds_.clear();
  EXPECT_TRUE(walk().out(out_));
  EXPECT_THAT(deeds_, ElementsAre("put-back", "unmount", "report")) << "a step that failed may have half its effect";
  EXPECT_EQ(states(), "mount:undone edit:undone put-back:done unmount:done report:done ");
  deeds_.clear();
  EXPECT_TRUE(walk().out(out_));
  EXPECT_THAT(deeds_, ElementsAre("report")) << "what is undone is not undone again";
}

TEST_F(Walks, GoOnUndoingAfterAFailureAndSayWhatIsLeft) {
  walk().in(in_, {});
  edit_.failing = "put-back";
  EXPECT_FALSE(walk().out(out_));
  ASSERT_EQ(record_.rollback_failures.size(), 1U);
  EXPECT_EQ(record_.rollback_failures[0].step, "put-back");
  EXPECT_TRUE(record_.may_be_in_effect("edit"));
  EXPECT_FALSE(record_.may_be_in_effect("mount"));
  edit_.failing.clear();
  EXPECT_TRUE(walk().out(out_)) << "it can be repeated";
  EXPECT_THAT(record_.rollback_failures, IsEmpty());
}

TEST_F(Walks, UndoAlsoWhenTheJournalCanNotBeWritten) {
  walk().in(in_, {});
  journal_is_full_ = true;
  EXPECT_TRUE(walk().out(out_));
  EXPECT_FALSE(record_.may_be_in_effect("mount"));
}

TEST_F(Walks, BringBackWhatACrashLeftAndReturnWhatIsStillToBeApplied) {
  record_.steps = {{"mount", StepState::done, {}, {}, {}}, {"edit", StepState::begun, {}, {}, {}}};
  const auto rest = walk().bring_back(in_);
  EXPECT_THAT(deeds_, ElementsAre("reapply mount", "reapply edit"));
  EXPECT_EQ(states(), "mount:done edit:done ");
  EXPECT_THAT(rest, ElementsAre(&tell_));
}

TEST_F(Walks, ApplyAStepAgainThatDoesNotSurviveACrash) {
  record_.steps = {{"mount", StepState::done, {}, {}, {}},
                   {"edit", StepState::done, {}, {}, {}},
                   {"hand-over", StepState::begun, {}, {}, {}}};
  EXPECT_THAT(walk().bring_back(in_), ElementsAre(&tell_));
  EXPECT_EQ(states(), "mount:done edit:done hand-over:failed ");
}

}  // namespace
}  // namespace rescue::walk
