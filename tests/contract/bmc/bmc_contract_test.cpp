// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/patient_bmc.hpp"
#include "netboot/bmc/power.hpp"
#include "simulated_bmc.hpp"
#include "simulated_redfish.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

namespace rescue::netboot {
namespace {

/// "ipmi", or a profile of the Redfish service.
class BmcContract : public ::testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    const std::string kind = GetParam();
    if (kind == "ipmi") {
      ipmi_ = std::make_unique<SimulatedBmc>(scratch_.file("bmc"));
      chassis_ = ipmi_.get();
      endpoint_.address = "127.0.0.1";
      endpoint_.port = static_cast<std::uint16_t>(ipmi_->port());
      endpoint_.user = SimulatedBmc::user;
      password_ = SimulatedBmc::password;
    } else {
      redfish_ = std::make_unique<SimulatedRedfish>(scratch_.file("bmc"), kind);
      chassis_ = redfish_.get();
      endpoint_ = redfish_->endpoint();
      password_ = SimulatedRedfish::password;
    }
    connect(password_);
  }
  void connect(const std::string& password) {
    bmc_ = std::make_unique<PatientBmc>(connect_bmc(endpoint_, Secret(password)), patience_, clock_, std::stop_token{});
  }
  [[nodiscard]] bool is_ipmi() const { return ipmi_ != nullptr; }
  PowerState perform(PowerAction action) { return netboot::perform(*bmc_, action, limits_, clock_, {}); }
  BootOverride set(BootOverride wanted, Firmware firmware = Firmware::uefi) {
    return set_boot_device(*bmc_, wanted, firmware, limits_, clock_, {});
  }

  tests::ScratchFolder scratch_;
  SystemClock clock_;
  Patience patience_;
  PowerLimits limits_{Milliseconds(300), Milliseconds(20), Milliseconds(300)};
  std::unique_ptr<SimulatedBmc> ipmi_;
  std::unique_ptr<SimulatedRedfish> redfish_;
  SimulatedChassis* chassis_ = nullptr;
  BmcEndpoint endpoint_;
  std::string password_;
  std::unique_ptr<Bmc> bmc_;
};

TEST_P(BmcContract, SwitchesThePower) {
  EXPECT_EQ(bmc_->power(), PowerState::off);
  EXPECT_EQ(perform(PowerAction::on), PowerState::on);
  EXPECT_TRUE(chassis_->is_on());
  EXPECT_EQ(perform(PowerAction::on), PowerState::on) << "on already";
  EXPECT_EQ(perform(PowerAction::cycle), PowerState::on);
  EXPECT_EQ(perform(PowerAction::reset), PowerState::on);
  EXPECT_EQ(perform(PowerAction::off), PowerState::off);
  EXPECT_FALSE(chassis_->is_on());
  EXPECT_EQ(chassis_->log(), "power 1\npower 0\npower 1\nreset 1\npower 0\n");
}

TEST_P(BmcContract, AsksTheOperatingSystemToEnd) {
  chassis_->turn("on");
  EXPECT_EQ(perform(PowerAction::shutdown), PowerState::off);
  EXPECT_EQ(chassis_->log(), "shutdown 1\n");
  chassis_->turn("on");
  EXPECT_EQ(perform(PowerAction::restart), PowerState::on);
  EXPECT_EQ(chassis_->log(), "shutdown 1\nshutdown 1\npower 1\n");
}

TEST_P(BmcContract, SetsTheBootDeviceForOneBootAndTakesItBack) {
  EXPECT_EQ(bmc_->boot_device(), BootOverride{});
  EXPECT_EQ(set({BootDevice::network}), (BootOverride{BootDevice::network, false}));
  EXPECT_EQ(chassis_->boot_device(), "pxe\n");
  EXPECT_EQ(set({BootDevice::disk}).device, BootDevice::disk);
  EXPECT_EQ(chassis_->boot_device(), "default\n");
  EXPECT_EQ(set({BootDevice::network}, Firmware::bios).device, BootDevice::network);
  EXPECT_EQ(set({}), BootOverride{});
  EXPECT_EQ(chassis_->boot_device(), "none\n");
}

TEST_P(BmcContract, SetsALastingBootDeviceWhereThereIsOne) {
  const auto set = this->set({BootDevice::network, true});
  EXPECT_EQ(set.device, BootDevice::network);
  EXPECT_EQ(chassis_->boot_device(), "pxe\n");
  // ipmi_sim keeps no flags; Dell's BMC refuses Continuous.
  if (!is_ipmi()) {
    EXPECT_EQ(set.lasting, std::string(GetParam()) != "dell");
  }
  EXPECT_EQ(this->set({}), BootOverride{});
}

TEST_P(BmcContract, FindsOutWhoDoesNothing) {
  chassis_->turn("on");
  chassis_->ignore_requests();
  EXPECT_EQ(tests::error_of([&] { (void)perform(PowerAction::off); }).code(), ErrorCode::timeout);
  EXPECT_EQ(tests::error_of([&] { (void)perform(PowerAction::shutdown); }).code(), ErrorCode::timeout);
  EXPECT_EQ(tests::error_of([&] { (void)set({BootDevice::network}); }).code(), ErrorCode::timeout);
  EXPECT_TRUE(chassis_->is_on());
}

TEST_P(BmcContract, RefusesTheWrongPassword) {
  connect("wrong");
  EXPECT_EQ(tests::error_of([&] { (void)bmc_->power(); }).code(), ErrorCode::bmc_denied);
  EXPECT_EQ(tests::error_of([&] { (void)perform(PowerAction::on); }).code(), ErrorCode::bmc_denied);
  EXPECT_EQ(chassis_->log(), "");
}

TEST_P(BmcContract, DoesNotAnswerWhenItIsAway) {
  if (is_ipmi()) {
    ipmi_->stop();
  } else {
    redfish_->stop();
  }
  patience_.busy = Milliseconds(1'000);
  connect(password_);
  EXPECT_EQ(tests::error_of([&] { (void)bmc_->power(); }).code(), ErrorCode::unavailable);
}

TEST_P(BmcContract, SaysWhatItIsAndChangesNothing) {
  const auto facts = bmc_->facts();
  EXPECT_NE(facts.firmware_version, "");
  EXPECT_NE(facts.login, "");
  EXPECT_EQ(facts.power_actions.size(), 4U);
  EXPECT_EQ(chassis_->log(), "");
  if (std::string(GetParam()) == "supermicro") {
    EXPECT_EQ(facts.vendor, "Supermicro");
    EXPECT_EQ(facts.product, "X12");
    EXPECT_EQ(facts.firmware_version, "1.02.3");
    EXPECT_EQ(facts.system, "1");
    EXPECT_EQ(facts.login, "session");
    EXPECT_EQ(facts.boot_devices, (std::vector{BootDevice::network, BootDevice::disk}));
    EXPECT_TRUE(facts.lasting);
  }
}

std::string name_of_world(const ::testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
  return name;
}

INSTANTIATE_TEST_SUITE_P(Kinds, BmcContract,
                         ::testing::Values("ipmi", "generic", "bare", "without-sessions", "supermicro", "ami",
                                           "asrockrack", "hpe", "dell"),
                         name_of_world);

}  // namespace
}  // namespace rescue::netboot
