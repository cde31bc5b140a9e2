// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "netboot/bmc/power.hpp"
#include "stored.hpp"

namespace rescue::netboot {
namespace {

/// Does what it is told after some looks at it, or never.
class FakeBmc final : public Bmc {
public:
  PowerState power() override {
    if (pending_ && looks_-- == 0) state = *std::exchange(pending_, std::nullopt);
    return state;
  }
  void control(PowerAction action) override {
    asked += std::string(name_of(action)) + " ";
    if (stuck) return;
    pending_ = action == PowerAction::off ? PowerState::off : PowerState::on;
    looks_ = slowness;
  }
  void set_boot_device(BootDevice wanted, Firmware) override {
    if (!stuck) device = wanted;
  }
  BootDevice boot_device() override {
    if (!tells_device) throw Error(ErrorCode::precondition, "does not tell");
    return device;
  }

  PowerState state = PowerState::off;
  BootDevice device = BootDevice::none;
  bool stuck = false;
  bool tells_device = true;
  int slowness = 5;
  std::string asked;

private:
  std::optional<PowerState> pending_;
  int looks_ = 0;
};

class Power : public ::testing::Test {
protected:
  PowerState perform(PowerAction action) { return netboot::perform(bmc_, action, {}, clock_, {}); }
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

TEST_F(Power, HasItsBootDeviceReadBack) {
  set_boot_device(bmc_, BootDevice::network, Firmware::uefi);
  bmc_.stuck = true;
  EXPECT_EQ(code_of([&] { set_boot_device(bmc_, BootDevice::disk, Firmware::uefi); }), ErrorCode::timeout);
  bmc_.tells_device = false;
  EXPECT_NO_THROW(set_boot_device(bmc_, BootDevice::disk, Firmware::uefi)) << "many don't tell";
}

}  // namespace
}  // namespace rescue::netboot
