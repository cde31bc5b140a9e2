// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "netboot/bmc/patient_bmc.hpp"
#include "netboot/bmc/power.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/netboot/stored.hpp"

namespace rescue::netboot {
namespace {

/// Changes its power after it was read some times, or never.
class FakeBmc final : public Bmc {
public:
  PowerState power() override {
    if (pending_ && looks_-- == 0) state = *std::exchange(pending_, std::nullopt);
    if (state == PowerState::off && unreadable_when_off-- > 0) throw Error(unreadable_as, "can't be read");
    return state;
  }
  void control(PowerAction action) override {
    asked += std::string(name_of(action)) + " ";
    if (stuck) return;
    if (action == PowerAction::on && refuses_on-- > 0) throw Error(ErrorCode::precondition, "is refused");
    const bool ends = action == PowerAction::off || action == PowerAction::shutdown;
    if (lost) throw OutcomeUnknown(ErrorCode::unavailable, "no answer");
    pending_ = ends ? PowerState::off : PowerState::on;
    looks_ = action == PowerAction::shutdown ? slowness_of_shutdown : slowness;
  }
  void set_boot_device(BootOverride wanted, Firmware) override {
    if (!stuck) device = wanted;
  }
  BmcFacts facts() override { return {}; }
  BootOverride boot_device() override {
    if (!tells_device) throw Error(ErrorCode::precondition, "does not tell");
    return device;
  }

  PowerState state = PowerState::off;
  BootOverride device;
  bool stuck = false;
  bool lost = false;
  bool tells_device = true;
  int unreadable_when_off = 0;
  int refuses_on = 0;
  ErrorCode unreadable_as = ErrorCode::precondition;
  int slowness = 5;
  int slowness_of_shutdown = 200;
  std::string asked;

private:
  std::optional<PowerState> pending_;
  int looks_ = 0;
};

class Power : public ::testing::Test {
protected:
  PowerState perform(PowerAction action) { return netboot::perform(bmc_, action, {}, clock_, {}); }
  PowerState perform_patiently(PowerAction action) {
    PatientTurns turns(bmc_, {}, clock_);
    auto reached = PowerState::off;
    const PowerLimits limits;
    EXPECT_TRUE(do_all_turns(perform_in_turns(turns, action, limits, clock_, reached), clock_, {}));
    return reached;
  }
  FakeBmc bmc_;
  tests::FakeClock clock_;
};

TEST_F(Power, IsSeenToBeSwitched) {
  EXPECT_EQ(perform(PowerAction::on), PowerState::on);
  EXPECT_EQ(bmc_.power(), PowerState::on);
  EXPECT_EQ(perform(PowerAction::off), PowerState::off);
}

TEST_F(Power, IsCycledByWayOfOff) {
  bmc_.state = PowerState::on;
  EXPECT_EQ(perform(PowerAction::cycle), PowerState::on);
  EXPECT_EQ(bmc_.asked, "off on ");
}

TEST_F(Power, ComesBackWhateverFailsBetweenOffAndOn) {
  for (const auto action : {PowerAction::cycle, PowerAction::restart}) {
    bmc_.state = PowerState::on;
    bmc_.asked.clear();
    bmc_.unreadable_when_off = 4;
    bmc_.refuses_on = 3;
    EXPECT_EQ(perform_patiently(action), PowerState::on);
    EXPECT_EQ(bmc_.asked, std::string(action == PowerAction::cycle ? "off" : "shutdown") + " on on on on ");
  }
}

TEST_F(Power, IsSaidToBeOffWhenItDoesNotComeBack) {
  bmc_.state = PowerState::on;
  bmc_.refuses_on = 1'000'000;
  const auto before = clock_.now();
  const auto error = tests::error_of([&] { (void)perform_patiently(PowerAction::cycle); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_NE(error.hint().find("The server is off: turn it on"), std::string::npos) << error.hint();
  EXPECT_LE(clock_.now() - before, Patience{}.busy + 2 * PowerLimits{}.settle) << "to be off, and to be on";
  EXPECT_EQ(bmc_.asked.find("off", 1), std::string::npos) << "it is turned off once";
}

TEST_F(Power, IsNotAskedForAgainByWhoIsDenied) {
  bmc_.state = PowerState::on;
  bmc_.unreadable_when_off = 1'000'000;
  bmc_.unreadable_as = ErrorCode::bmc_denied;
  const auto before = clock_.now();
  const auto error = tests::error_of([&] { (void)perform_patiently(PowerAction::cycle); });
  EXPECT_EQ(error.code(), ErrorCode::bmc_denied);
  EXPECT_NE(error.hint().find("The server may be off"), std::string::npos) << error.hint();
  EXPECT_LE(clock_.now() - before, PowerLimits{}.settle);
}

TEST_F(Power, IsTurnedOnOnceWhereNobodyTurnedItOff) {
  bmc_.refuses_on = 1;
  EXPECT_EQ(code_of([&] { (void)perform_patiently(PowerAction::on); }), ErrorCode::precondition);
  EXPECT_EQ(bmc_.asked, "on ");
}

TEST_F(Power, IsOnlyTurnedOnByACycleOfAServerThatIsOff) {
  EXPECT_EQ(perform(PowerAction::cycle), PowerState::on);
  EXPECT_EQ(bmc_.asked, "on ");
}

TEST_F(Power, FailsWhenTheBmcAcceptsAndDoesNothing) {
  bmc_.stuck = true;
  const auto before = clock_.now();
  EXPECT_EQ(code_of([&] { (void)perform(PowerAction::on); }), ErrorCode::timeout);
  EXPECT_EQ(clock_.now() - before, PowerLimits{}.settle);
}

TEST_F(Power, IsNotResetWhenItIsOff) {
  EXPECT_EQ(code_of([&] { (void)perform(PowerAction::reset); }), ErrorCode::precondition);
  EXPECT_EQ(bmc_.asked, "");
}

TEST_F(Power, StopsWhenNetbootdDoes) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of([&] { (void)netboot::perform(bmc_, PowerAction::on, {}, clock_, stop.get_token()); }),
            ErrorCode::interrupted);
}

TEST_F(Power, IsLeftAloneWhereItIsAsWanted) {
  bmc_.state = PowerState::on;
  EXPECT_EQ(perform(PowerAction::on), PowerState::on);
  EXPECT_EQ(bmc_.asked, "");
}

TEST_F(Power, IsRestartedByWayOfTheOperatingSystemsEnd) {
  bmc_.state = PowerState::on;
  EXPECT_EQ(perform(PowerAction::restart), PowerState::on) << "it has longer than a power switch";
  EXPECT_EQ(bmc_.asked, "shutdown on ");
}

TEST_F(Power, StaysOnWhenTheOperatingSystemDoesNotEnd) {
  bmc_.state = PowerState::on;
  bmc_.stuck = true;
  EXPECT_EQ(code_of([&] { (void)perform(PowerAction::restart); }), ErrorCode::timeout);
  EXPECT_EQ(bmc_.asked, "shutdown ");
}

TEST_F(Power, IsNotResetTwiceWhenTheAnswerIsLost) {
  bmc_.state = PowerState::on;
  bmc_.lost = true;
  EXPECT_THROW((void)perform(PowerAction::reset), OutcomeUnknown);
  EXPECT_EQ(bmc_.asked, "reset ");
}

TEST_F(Power, HasItsBootDeviceReadBack) {
  const auto set = [&](BootDevice device) {
    return set_boot_device(bmc_, {device}, Firmware::uefi, {}, clock_, {}).device;
  };
  EXPECT_EQ(set(BootDevice::network), BootDevice::network);
  bmc_.stuck = true;
  EXPECT_EQ(code_of([&] { (void)set(BootDevice::disk); }), ErrorCode::timeout);
  bmc_.tells_device = false;
  EXPECT_EQ(code_of([&] { (void)set(BootDevice::disk); }), ErrorCode::precondition) << "unseen is not done";
}

/// Is busy once, with a time to retry.
class PoliteBmc final : public Bmc {
public:
  explicit PoliteBmc(Milliseconds asks) : asks_(asks) {}
  PowerState power() override {
    if (!std::exchange(asked_, true)) throw BmcBusy("not now", "", asks_);
    return PowerState::on;
  }
  void control(PowerAction) override {}
  void set_boot_device(BootOverride, Firmware) override {}
  BootOverride boot_device() override { return {}; }
  BmcFacts facts() override { return {}; }
  bool make_do() override { return makes_do; }

  bool makes_do = false;

private:
  Milliseconds asks_;
  bool asked_ = false;
};

TEST(PatientBmc, WaitsAsLongAsItIsAskedToWithinBounds) {
  for (const auto& [asks, waits] : {std::pair{Milliseconds(7'000), Milliseconds(7'000)},
                                    std::pair{Milliseconds(3'600'000), Milliseconds(30'000)}}) {
    tests::FakeClock clock;
    const auto before = clock.now();
    EXPECT_EQ(PatientBmc(std::make_unique<PoliteBmc>(asks), {}, clock, {}).power(), PowerState::on);
    EXPECT_EQ(clock.now() - before, waits);
  }
}

TEST(PatientBmc, MakesDoWhereItWouldHaveToWaitForTooLong) {
  for (const auto& [asks, waits] :
       {std::pair{Milliseconds(7'000), Milliseconds(7'000)}, std::pair{Milliseconds(3'600'000), Milliseconds(0)}}) {
    tests::FakeClock clock;
    const auto before = clock.now();
    auto bmc = std::make_unique<PoliteBmc>(asks);
    bmc->makes_do = true;
    EXPECT_EQ(PatientBmc(std::move(bmc), {}, clock, {}).power(), PowerState::on);
    EXPECT_EQ(clock.now() - before, waits);
  }
}

TEST(BootOverride, IsSetWhenDeviceHowOftenAndHowAreAsWanted) {
  const BootOverride once{BootDevice::network, false, Firmware::uefi};
  const BootOverride lasting{BootDevice::network, true};
  EXPECT_TRUE(is_set({BootDevice::network}, Firmware::uefi, once));
  EXPECT_FALSE(is_set({BootDevice::network}, Firmware::bios, once));
  EXPECT_FALSE(is_set({BootDevice::disk}, Firmware::uefi, once));
  EXPECT_FALSE(is_set({BootDevice::network}, Firmware::uefi, lasting)) << "for ever is not once";
  EXPECT_TRUE(is_set({BootDevice::network, true}, Firmware::uefi, once)) << "some know no lasting one";
  EXPECT_TRUE(is_set({}, Firmware::bios, {}));
  EXPECT_FALSE(is_set({}, Firmware::bios, once));
}

/// Reports "not now" or loses answers some times, then obeys.
class ReluctantBmc final : public Bmc {
public:
  PowerState power() override {
    fail();
    return PowerState::on;
  }
  void control(PowerAction) override { fail(); }
  void set_boot_device(BootOverride, Firmware) override { fail(); }
  BootOverride boot_device() override {
    fail();
    return {};
  }
  BmcFacts facts() override {
    fail();
    return {};
  }

  int busy = 0;
  int lost = 0;
  int calls = 0;

private:
  void fail() {
    ++calls;
    if (busy-- > 0) throw BmcBusy("not now");
    if (lost-- > 0) throw OutcomeUnknown(ErrorCode::timeout, "no answer");
  }
};

class PatienceOf : public ::testing::Test {
protected:
  PatienceOf() {
    auto reluctant = std::make_unique<ReluctantBmc>();
    reluctant_ = reluctant.get();
    bmc_ = std::make_unique<PatientBmc>(std::move(reluctant), Patience{}, clock_, stop_.get_token());
  }
  tests::FakeClock clock_;
  std::stop_source stop_;
  ReluctantBmc* reluctant_ = nullptr;
  std::unique_ptr<PatientBmc> bmc_;
};

TEST_F(PatienceOf, ABusyBmcIsAskedAgainForSomeTime) {
  reluctant_->busy = 5;
  EXPECT_NO_THROW(bmc_->control(PowerAction::reset));
  EXPECT_EQ(reluctant_->calls, 6);
  reluctant_->busy = 100'000;
  const auto before = clock_.now();
  EXPECT_THROW(bmc_->control(PowerAction::reset), BmcBusy);
  EXPECT_LE(clock_.now() - before, Patience{}.busy);
  EXPECT_GT(clock_.now() - before, Patience{}.busy / 2);
}

TEST_F(PatienceOf, ALostAnswerIsAskedForAgainOnlyWhereThatDoesNoHarm) {
  reluctant_->lost = 2;
  EXPECT_EQ(bmc_->power(), PowerState::on);
  reluctant_->lost = 3;
  EXPECT_THROW((void)bmc_->power(), OutcomeUnknown);
  reluctant_->lost = 1;
  reluctant_->calls = 0;
  EXPECT_THROW(bmc_->control(PowerAction::reset), OutcomeUnknown);
  EXPECT_EQ(reluctant_->calls, 1);
}

TEST_F(PatienceOf, EndsWhenNetbootdStops) {
  reluctant_->busy = 1;
  stop_.request_stop();
  EXPECT_EQ(code_of([&] { (void)bmc_->power(); }), ErrorCode::interrupted);
}

}  // namespace
}  // namespace rescue::netboot
