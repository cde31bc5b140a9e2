// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/patient_bmc.hpp"
#include "netboot/bmc/power.hpp"
#include "netboot/bmc/redfish_bmc.hpp"
#include "simulated_redfish.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

namespace rescue::netboot {
namespace {

/// Faults of BMCs, over a real connection.
class RedfishFaults : public ::testing::Test {
protected:
  void begin(const std::string& profile = "generic", const std::string& certified = "IP:127.0.0.1") {
    service_ = std::make_unique<SimulatedRedfish>(scratch_.file("bmc"), profile, certified);
    endpoint_ = service_->endpoint();
  }
  [[nodiscard]] std::unique_ptr<Bmc> connect(RedfishLimits limits = {}) const {
    return std::make_unique<RedfishBmc>(endpoint_, Secret(std::string_view(SimulatedRedfish::password)), limits);
  }
  [[nodiscard]] std::unique_ptr<Bmc> patient(RedfishLimits limits = {}) {
    return std::make_unique<PatientBmc>(connect(limits), patience_, clock_, std::stop_token{});
  }
  PowerState perform(Bmc& bmc, PowerAction action) { return netboot::perform(bmc, action, limits_, clock_, {}); }
  /// Does it in turns, as tasks do.
  PowerState perform_in_turns(PowerAction action) {
    const auto bmc = connect();
    PatientTurns turns(*bmc, patience_, clock_);
    auto reached = PowerState::off;
    EXPECT_TRUE(do_all_turns(netboot::perform_in_turns(turns, action, limits_, clock_, reached), clock_, {}));
    return reached;
  }

  tests::ScratchFolder scratch_;
  SystemClock clock_;
  PowerLimits limits_{Milliseconds(300), Milliseconds(20), Milliseconds(300)};
  Patience patience_{Milliseconds(2'000), 2, Milliseconds(10), Milliseconds(40)};
  std::unique_ptr<SimulatedRedfish> service_;
  BmcEndpoint endpoint_;
};

TEST_F(RedfishFaults, LogsOutAgain) {
  begin();
  EXPECT_EQ(connect()->power(), PowerState::off);
  EXPECT_EQ(service_->count("POST /redfish/v1/SessionService/Sessions\n"), 1U);
  EXPECT_EQ(service_->count("DELETE /redfish/v1/SessionService/Sessions/"), 1U);
}

TEST_F(RedfishFaults, LogsInAgainWhenTheSessionHasEnded) {
  begin();
  const auto bmc = connect();
  EXPECT_EQ(bmc->power(), PowerState::off);
  service_->fault("expired GET 1");
  EXPECT_EQ(bmc->power(), PowerState::off);
  EXPECT_EQ(service_->count("POST /redfish/v1/SessionService/Sessions\n"), 2U);
}

TEST_F(RedfishFaults, TrustsNoCertificateThatNobodyVouchesFor) {
  begin();
  endpoint_.fingerprint.clear();
  const auto error = tests::error_of([&] { (void)connect()->power(); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_NE(std::string(error.what()).find(service_->fingerprint()), std::string::npos) << error.what();
  EXPECT_NE(error.hint().find("--bmc-fingerprint"), std::string::npos) << error.hint();
  EXPECT_EQ(service_->requests(), "") << "nothing was sent";
}

TEST_F(RedfishFaults, TrustsTheOneCertificateThatIsPinnedAndNoOther) {
  begin("generic", "DNS:bmc.example.net");
  EXPECT_EQ(connect()->power(), PowerState::off) << "pinned, whatever name it has";
  endpoint_.fingerprint = std::string(64, 'a');
  const auto error = tests::error_of([&] { (void)connect()->power(); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_NE(std::string(error.what()).find(service_->fingerprint()), std::string::npos) << error.what();
}

TEST_F(RedfishFaults, TrustsWhatItsCaVouchesFor) {
  begin();
  endpoint_.fingerprint.clear();
  endpoint_.ca = service_->ca();
  EXPECT_EQ(connect()->power(), PowerState::off);
}

TEST_F(RedfishFaults, TrustsNoCertificateOfAnotherHost) {
  begin("generic", "DNS:bmc.example.net");
  endpoint_.fingerprint.clear();
  endpoint_.ca = service_->ca();
  EXPECT_EQ(tests::error_of([&] { (void)connect()->power(); }).code(), ErrorCode::precondition);
}

TEST_F(RedfishFaults, AsksAgainWhenTheServiceIsBusy) {
  begin();
  service_->fault("busy GET 2");
  EXPECT_EQ(tests::error_of([&] { (void)connect()->power(); }).code(), ErrorCode::unavailable);
  EXPECT_EQ(patient()->power(), PowerState::off);
  service_->fault("busy POST 2");
  EXPECT_EQ(perform(*patient(), PowerAction::on), PowerState::on);
}

TEST_F(RedfishFaults, GivesUpOnAServiceThatStaysBusy) {
  begin();
  service_->fault("busy GET 100000");
  patience_.busy = Milliseconds(200);
  EXPECT_EQ(tests::error_of([&] { (void)patient()->power(); }).code(), ErrorCode::unavailable);
}

TEST_F(RedfishFaults, WaitsForTheEndOfThePowerOnSelfTest) {
  begin("hpe");
  service_->fault("post PATCH 3");
  const auto bmc = patient();
  EXPECT_EQ(set_boot_device(*bmc, {BootDevice::network}, Firmware::uefi, limits_, clock_, {}).device,
            BootDevice::network);
  EXPECT_EQ(service_->count("PATCH "), 4U);
}

TEST_F(RedfishFaults, AsksAgainForWhatGotLostOnTheWay) {
  begin();
  for (const auto* const fault : {"drop GET 1", "half GET 1", "lost PATCH 1", "half PATCH 1", "fail GET 1"}) {
    service_->fault(fault);
    const auto bmc = patient();
    EXPECT_EQ(set_boot_device(*bmc, {BootDevice::network}, Firmware::uefi, limits_, clock_, {}).device,
              BootDevice::network)
        << fault;
  }
}

TEST_F(RedfishFaults, DoesNotWaitForeverForAnAnswer) {
  begin();
  service_->fault("late GET 1");
  const auto before = clock_.now();
  const auto error = tests::error_of([&] { (void)connect({Milliseconds(300), Milliseconds(300)})->power(); });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_LT(clock_.now() - before, Milliseconds(4'000));
}

TEST_F(RedfishFaults, NeverRepeatsAResetWhoseAnswerWasLost) {
  begin();
  service_->turn("on");
  service_->fault("lost POST 1");
  const auto bmc = patient();
  EXPECT_THROW((void)perform(*bmc, PowerAction::reset), OutcomeUnknown);
  EXPECT_EQ(service_->log(), "reset 1\n");
}

TEST_F(RedfishFaults, JudgesAPowerSwitchWithoutAnAnswerByWhatThePowerDoes) {
  begin();
  service_->fault("lost POST 1");
  EXPECT_EQ(perform(*patient(), PowerAction::on), PowerState::on);
  EXPECT_EQ(service_->log(), "power 1\n");
  service_->fault("drop POST 1");
  EXPECT_THROW((void)perform(*patient(), PowerAction::off), OutcomeUnknown);
  EXPECT_TRUE(service_->is_on());
  EXPECT_EQ(service_->log(), "power 1\n");
}

TEST_F(RedfishFaults, AServerThatWasTurnedOffIsTurnedOnWhateverTheBmcAnswersMeanwhile) {
  begin();
  std::string log;
  for (const auto* const fault :
       {"fail@off GET 4", "refuse:502:X.1.Y@off GET 4", "refuse:504:X.1.Y@off GET 4", "refuse:404:X.1.Y@off GET 4",
        "refuse:408:X.1.Y@off GET 4", "refuse:423:X.1.Y@off GET 4", "text@off GET 4", "unknown@off GET 4",
        "drop@off GET 4", "fail@off POST 2", "refuse:502:X.1.Y@off POST 2", "refuse:504:X.1.Y@off POST 2",
        "refuse:400:X.1.Y@off POST 2", "refuse:404:X.1.Y@off POST 2", "refuse:423:X.1.Y@off POST 2",
        "refuse:409:X.1.Y@off POST 2", "drop@off POST 2", "lost@off POST 1", "stuck@off POST 2"}) {
    service_->turn("on");
    service_->fault(fault);
    try {
      EXPECT_EQ(perform_in_turns(PowerAction::cycle), PowerState::on) << fault;
    } catch (const Error& error) {
      ADD_FAILURE() << fault << ": " << error.what();
    }
    EXPECT_TRUE(service_->is_on()) << fault;
    log += "power 0\npower 1\n";
    EXPECT_EQ(service_->log(), log) << fault;
    log = service_->log();
  }
}

TEST_F(RedfishFaults, AServerThatStaysOffIsSaidTo) {
  begin();
  patience_.busy = Milliseconds(300);
  const auto cycle_fails = [&](const std::string& fault) {
    service_->turn("on");
    service_->fault(fault);
    return tests::error_of([&] { (void)perform_in_turns(PowerAction::cycle); });
  };
  const auto refused = cycle_fails("refuse:404:X.1.Y@off POST 100000");
  EXPECT_EQ(refused.code(), ErrorCode::precondition);
  EXPECT_NE(std::string(refused.what()).find("the server is off"), std::string::npos) << refused.what();
  EXPECT_NE(refused.hint().find("netbootctl power set NAME on"), std::string::npos) << refused.hint();
  EXPECT_EQ(service_->log(), "power 0\n") << "it is turned off once";
  const auto unseen = cycle_fails("fail@off GET 100000");
  EXPECT_NE(std::string(unseen.what()).find("the server may be off"), std::string::npos) << unseen.what();
  EXPECT_NE(unseen.hint().find("netbootctl power set NAME on"), std::string::npos) << unseen.hint();
}

TEST_F(RedfishFaults, DoesNotWaitLongForTheEndOfItsSession) {
  begin();
  auto bmc = connect();
  EXPECT_EQ(bmc->power(), PowerState::off);
  service_->fault("late DELETE 1");
  const auto before = clock_.now();
  bmc.reset();
  EXPECT_LT(clock_.now() - before, Milliseconds(4'000));
}

TEST_F(RedfishFaults, NeedsToKnowWhichSystemOfSeveral) {
  begin("two-systems");
  const auto error = tests::error_of([&] { (void)connect()->power(); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_NE(std::string(error.what()).find("Node1, Node2"), std::string::npos) << error.what();
  endpoint_.system = "Node1";
  EXPECT_EQ(connect()->power(), PowerState::off);
  endpoint_.system = "Node3";
  EXPECT_EQ(tests::error_of([&] { (void)connect()->power(); }).code(), ErrorCode::precondition);
}

}  // namespace
}  // namespace rescue::netboot
