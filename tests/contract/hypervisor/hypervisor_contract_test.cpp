// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The contract of every Hypervisor and GuestAgent: of the fake in the tests of sessions, and of the real one.
#include "tests/contract/hypervisor/hypervisor_world.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/integration/libvirt/event_log.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace rescue::tests {

// Without this, GoogleTest would print the bytes.
void PrintTo(const WorldKind& kind, std::ostream* out) { *out << kind.name; }

namespace {

using domain::GuestEventKind;
using domain::GuestState;
using domain::StopMethod;

constexpr ports::StopDeadlines short_deadlines{Milliseconds(200), Milliseconds(300)};

class HypervisorContract : public testing::TestWithParam<WorldKind> {
protected:
  void SetUp() override {
    if (const auto why = GetParam().missing()) GTEST_SKIP() << *why;
    world_ = GetParam().make();
    events_ = std::make_unique<EventLog>(world_->hypervisor());
  }
  ports::Hypervisor& hypervisor() { return world_->hypervisor(); }
  ports::GuestAgent& agent() { return world_->agent(); }

  std::unique_ptr<HypervisorWorld> world_;
  std::unique_ptr<EventLog> events_;
};

TEST_P(HypervisorContract, KnowsItselfAndAnswersTheSameAgain) {
  const auto facts = hypervisor().facts();
  EXPECT_FALSE(facts.version.empty());
  EXPECT_EQ(facts.accelerator_reason.empty(), facts.accelerator == domain::Accelerator::kvm);
  EXPECT_EQ(hypervisor().facts().version, facts.version);
}

TEST_P(HypervisorContract, AStartedGuestRunsAndIsTheOnlyOneOfItsName) {
  EXPECT_EQ(hypervisor().state("tiny"), GuestState::absent);
  const auto spec = world_->guest();
  static_cast<void>(hypervisor().start(spec));
  EXPECT_EQ(hypervisor().state("tiny"), GuestState::running);
  EXPECT_EQ(error_of([&] { static_cast<void>(hypervisor().start(spec)); }).code(), ErrorCode::conflict);
  EXPECT_EQ(hypervisor().state("tiny"), GuestState::running) << "a refused start leaves the other guest alone";
}

TEST_P(HypervisorContract, AFailedStartLeavesNothing) {
  const auto spec = world_->impossible_guest();
  EXPECT_EQ(error_of([&] { static_cast<void>(hypervisor().start(spec)); }).code(), ErrorCode::hypervisor);
  EXPECT_EQ(hypervisor().state(spec.name), GuestState::absent);
}

TEST_P(HypervisorContract, DestroyIsIdempotentAndTold) {
  static_cast<void>(hypervisor().start(world_->guest()));
  hypervisor().destroy("tiny");
  EXPECT_EQ(hypervisor().state("tiny"), GuestState::absent);
  EXPECT_TRUE(events_->wait_for(GuestEventKind::stopped));
  hypervisor().destroy("tiny");
  hypervisor().destroy("never-there");
  EXPECT_EQ(events_->count(GuestEventKind::stopped), 1);
}

TEST_P(HypervisorContract, StopEndsInDestroyWhenTheGuestListensToNothing) {
  static_cast<void>(hypervisor().start(world_->guest()));
  EXPECT_EQ(hypervisor().stop("tiny", short_deadlines, {}), StopMethod::destroyed);
  EXPECT_EQ(hypervisor().state("tiny"), GuestState::absent);
  EXPECT_EQ(hypervisor().stop("tiny", short_deadlines, {}), StopMethod::was_off);
}

TEST_P(HypervisorContract, AStopRequestLeadsToDestroyAtOnce) {
  static_cast<void>(hypervisor().start(world_->guest()));
  std::stop_source hurry;
  hurry.request_stop();
  EXPECT_EQ(hypervisor().stop("tiny", {}, hurry.get_token()), StopMethod::destroyed);
  EXPECT_EQ(hypervisor().state("tiny"), GuestState::absent);
}

TEST_P(HypervisorContract, AShutdownInsideIsNoCrash) {
  world_->start_guest_that_powers_off("short-lived");
  EXPECT_TRUE(events_->wait_for(GuestEventKind::stopped));
  EXPECT_EQ(hypervisor().state("short-lived"), GuestState::absent);
  EXPECT_EQ(events_->count(GuestEventKind::crashed), 0);
}

TEST_P(HypervisorContract, ADeadQemuIsACrash) {
  static_cast<void>(hypervisor().start(world_->guest()));
  world_->kill("tiny");
  EXPECT_TRUE(events_->wait_for(GuestEventKind::crashed));
  EXPECT_EQ(hypervisor().state("tiny"), GuestState::absent);
  EXPECT_EQ(events_->count(GuestEventKind::stopped), 0);
}

TEST_P(HypervisorContract, TheGuestOutlivesTheHypervisorsAbsence) {
  const auto spec = world_->guest();
  static_cast<void>(hypervisor().start(spec));
  world_->lose_hypervisor();
  EXPECT_TRUE(events_->wait_for(GuestEventKind::hypervisor_lost));
  const auto error = error_of([&] { static_cast<void>(hypervisor().state("tiny")); });
  EXPECT_EQ(error.code(), ErrorCode::hypervisor);
  EXPECT_FALSE(error.hint().empty());
  EXPECT_EQ(error_of([&] { static_cast<void>(agent().answers("tiny", Milliseconds(100))); }).code(),
            ErrorCode::hypervisor)
      << "an absent hypervisor says nothing of the guest";
  EXPECT_NE(hypervisor().describe(spec).find("tiny"), std::string::npos) << "needs no connection";
  world_->bring_hypervisor_back();
  EXPECT_TRUE(events_->wait_for(GuestEventKind::hypervisor_back));
  EXPECT_EQ(hypervisor().state("tiny"), GuestState::running);
  EXPECT_EQ(events_->count(GuestEventKind::crashed), 0);
}

TEST_P(HypervisorContract, AnAgentOfNoGuestIsTheHypervisorsFault) {
  const auto code = [&](auto call) { return error_of(call).code(); };
  EXPECT_EQ(code([&] { agent().wait_until_ready("absent", Milliseconds(60'000), {}); }), ErrorCode::hypervisor);
  EXPECT_EQ(code([&] { agent().set_password("absent", "Administrator", Secret("x1")); }), ErrorCode::hypervisor);
  EXPECT_EQ(code([&] { static_cast<void>(agent().run("absent", {"whoami"}, Milliseconds(1'000))); }),
            ErrorCode::hypervisor);
  EXPECT_FALSE(agent().answers("absent", Milliseconds(1'000)));
}

TEST_P(HypervisorContract, ASilentAgentTimesOut) {
  static_cast<void>(hypervisor().start(world_->guest()));
  const auto code = [&](auto call) { return error_of(call).code(); };
  EXPECT_FALSE(agent().answers("tiny", Milliseconds(200)));
  EXPECT_EQ(code([&] { agent().wait_until_ready("tiny", Milliseconds(200), {}); }), ErrorCode::timeout);
  EXPECT_EQ(code([&] { agent().set_password("tiny", "Administrator", Secret("x1")); }), ErrorCode::timeout);
  EXPECT_EQ(code([&] { static_cast<void>(agent().run("tiny", {"whoami"}, Milliseconds(1'000))); }), ErrorCode::timeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code([&] { agent().wait_until_ready("tiny", Milliseconds(60'000), stop.get_token()); }),
            ErrorCode::cancelled);
}

INSTANTIATE_TEST_SUITE_P(Worlds, HypervisorContract, testing::Values(fake_world(), libvirt_world()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace rescue::tests
