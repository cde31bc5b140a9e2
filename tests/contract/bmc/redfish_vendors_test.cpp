// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/patient_bmc.hpp"
#include "netboot/bmc/power.hpp"
#include "netboot/bmc/redfish_bmc.hpp"
#include "simulated_redfish.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// Services that deviate from the specification in ways that were reported for real BMCs.
class RedfishVendors : public ::testing::Test {
protected:
  void begin(std::vector<std::string> more, const std::string& profile = "generic") {
    const auto folder = scratch_.file("bmc-" + std::to_string(++begun_));
    service_ = std::make_unique<SimulatedRedfish>(folder, profile, "IP:127.0.0.1", std::move(more));
    endpoint_ = service_->endpoint();
  }
  [[nodiscard]] std::unique_ptr<Bmc> connect() const {
    return std::make_unique<RedfishBmc>(endpoint_, Secret(std::string_view(SimulatedRedfish::password)));
  }
  [[nodiscard]] std::unique_ptr<Bmc> patient() {
    return std::make_unique<PatientBmc>(connect(), patience_, clock_, std::stop_token{});
  }
  BootOverride set(BootOverride wanted, Firmware firmware = Firmware::uefi) {
    return set_boot_device(*patient(), wanted, firmware, limits_, clock_, {});
  }
  Error set_fails(BootOverride wanted, Firmware firmware = Firmware::uefi) {
    return tests::error_of([&] { (void)set(wanted, firmware); });
  }
  /// Bodies of the changes of Boot.
  [[nodiscard]] std::vector<json> changes() const {
    std::vector<json> found;
    std::istringstream lines(service_->sent());
    for (std::string line; std::getline(lines, line);) {
      const auto sent = json::parse(line);
      if (sent["body"].contains("Boot")) found.push_back(sent["body"]["Boot"]);
    }
    return found;
  }

  tests::ScratchFolder scratch_;
  SystemClock clock_;
  PowerLimits limits_{Milliseconds(300), Milliseconds(20), Milliseconds(300)};
  Patience patience_{Milliseconds(20'000), 2, Milliseconds(10), Milliseconds(40)};
  std::unique_ptr<SimulatedRedfish> service_;
  BmcEndpoint endpoint_;
  int begun_ = 0;
};

TEST_F(RedfishVendors, AnswersThatNestWithoutEndAreAnErrorOfTheBmc) {
  begin({});
  for (const auto* const fault : {"deep GET 9", "large GET 9", "text GET 9"}) {
    service_->fault(fault);
    EXPECT_EQ(tests::error_of([&] { (void)connect()->power(); }).code(), ErrorCode::unavailable) << fault;
    service_->fault("deep POST 1");
    EXPECT_EQ(tests::error_of([&] { (void)patient()->facts(); }).code(), ErrorCode::unavailable) << fault;
    begin({});
  }
  service_->fault("deep PATCH 1");
  EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network) << "what nobody reads does no harm";
}

TEST_F(RedfishVendors, PackedAnswersAreRead) {
  for (const auto* const when : {"--set=gzip=\"unasked\"", "--set=gzip=\"always\""}) {
    begin({when});
    EXPECT_EQ(connect()->power(), PowerState::off) << when;
    EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network) << when;
  }
  begin({"--set=gzip=\"always\""});
  service_->fault("large GET 9");
  EXPECT_EQ(tests::error_of([&] { (void)connect()->power(); }).code(), ErrorCode::unavailable) << "small when packed";
}

TEST_F(RedfishVendors, TheModeIsSentWithEachChange) {
  begin({"--set=mode_falls_back=true"}, "supermicro");
  EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network);
  EXPECT_EQ(set({BootDevice::disk, true}), (BootOverride{BootDevice::disk, true}));
  EXPECT_EQ(set({}), BootOverride{});
  ASSERT_FALSE(changes().empty());
  for (const auto& change : changes()) EXPECT_EQ(change.value("BootSourceOverrideMode", ""), "UEFI") << change;
  EXPECT_EQ(set({BootDevice::network}, Firmware::bios).device, BootDevice::network);
  EXPECT_EQ(changes().back()["BootSourceOverrideMode"], "Legacy");
}

TEST_F(RedfishVendors, AnotherModeThanTheServersIsNotDone) {
  begin({"--set=ignores_mode=true"});
  EXPECT_EQ(set({BootDevice::network}, Firmware::uefi).device, BootDevice::network);
  const auto error = set_fails({BootDevice::network}, Firmware::bios);
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_NE(std::string(error.what()).find("pxe by BIOS, and has pxe by UEFI"), std::string::npos) << error.what();
}

TEST_F(RedfishVendors, ForEverIsNotOnceAndDoesNotStayBehind) {
  begin({"--set=always_lasting=true", "--set=targets={\"Pxe\": \"pxe\", \"Hdd\": \"default\"}",
         "--set=needs=[\"BootSourceOverrideTarget\"]"});
  EXPECT_EQ(set({BootDevice::network, true}), (BootOverride{BootDevice::network, true}));
  const auto error = set_fails({BootDevice::network});
  EXPECT_NE(std::string(error.what()).find("pxe, and has pxe for every boot"), std::string::npos) << error.what();
  EXPECT_EQ(service_->boot_device(), "default\n") << "the disk, where nothing can be taken back";
  EXPECT_NE(error.hint().find("Ask for a lasting one"), std::string::npos);
  EXPECT_EQ(set({}).device, BootDevice::disk);
}

TEST_F(RedfishVendors, ALastingBootDeviceIsTakenBackWithAllMembersWhereFewAreRefused) {
  for (const auto* const needs :
       {"--set=needs=[\"BootSourceOverrideTarget\", \"BootSourceOverrideMode\"]",
        "--set=needs=[\"BootSourceOverrideEnabled\", \"BootSourceOverrideTarget\", \"BootSourceOverrideMode\"]"}) {
    begin({needs});
    EXPECT_EQ(set({BootDevice::network, true}), (BootOverride{BootDevice::network, true}));
    EXPECT_EQ(set({}), BootOverride{});
    EXPECT_EQ(service_->boot_device(), "none\n");
  }
}

TEST_F(RedfishVendors, ALastingBootDeviceIsTakenBackHoweverFewMembersAreRefused) {
  for (const auto* const status : {"400", "403", "405", "422", "500", "501", "502"}) {
    begin({"--set=needs=[\"BootSourceOverrideTarget\"]", std::string("--set=needs_status=") + status});
    EXPECT_EQ(set({BootDevice::network, true}), (BootOverride{BootDevice::network, true})) << status;
    const auto bmc = connect();
    EXPECT_EQ(set_boot_device(*bmc, {}, Firmware::uefi, limits_, clock_, {}), BootOverride{}) << status;
    EXPECT_EQ(service_->boot_device(), "none\n") << status;
  }
}

TEST_F(RedfishVendors, WhoMayNotTakeABootDeviceBackIsToldSo) {
  begin({});
  service_->fault("refuse:403:X.1.Y PATCH 100");
  EXPECT_EQ(set_fails({}).code(), ErrorCode::bmc_denied);
  EXPECT_GT(changes().size(), 1U);
  const auto before = changes().size();
  EXPECT_EQ(set_fails({BootDevice::network}).code(), ErrorCode::bmc_denied);
  EXPECT_EQ(changes().size(), before + 1) << "a device that is set is asked for once";
}

TEST_F(RedfishVendors, NotReadyIsAskedAgain) {
  for (const auto* const fault :
       {"refuse:400:IDRAC.1.6.SWC0700", "refuse:400:SWC0700", "refuse:503:Base.1.8.ServiceTemporarilyUnavailable",
        "refuse:400:iLO.2.14.UnableToModifyDuringSystemPOST", "refuse:409:X.1.Y", "refuse:429:X.1.Y"}) {
    begin({});
    for (const auto* const method : {" GET 3", " PATCH 3", " POST 3"}) service_->fault(fault + std::string(method));
    EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network) << fault;
    EXPECT_EQ(netboot::perform(*patient(), PowerAction::on, limits_, clock_, {}), PowerState::on) << fault;
    EXPECT_EQ(service_->log(), "boot pxe\npower 1\n");
    EXPECT_EQ(service_->count("POST /redfish/v1/Systems/1/Actions"), 4U);
  }
}

TEST_F(RedfishVendors, WhatIsNoNotNowIsNotAskedAgain) {
  begin({});
  service_->fault("refuse:400:Base.1.8.PropertyValueNotInList GET 1");
  EXPECT_EQ(tests::error_of([&] { (void)patient()->power(); }).code(), ErrorCode::precondition);
}

TEST_F(RedfishVendors, WhatItAsksToWaitIsKnown) {
  begin({});
  service_->fault("refuse:503:X.1.Y:7 GET 1");
  try {
    (void)connect()->power();
    FAIL() << "it is busy";
  } catch (const BmcBusy& busy) {
    EXPECT_EQ(busy.retry_after(), Milliseconds(7'000));
  }
}

TEST_F(RedfishVendors, UserAndPasswordGoWithEachRequestWhereThereIsNoSession) {
  for (const auto* const refusal : {"[503, \"IDRAC.2.1.RAC0218\"]", "[500, \"Base.1.8.InternalError\"]",
                                    "[400, \"Base.1.8.SessionLimitExceeded\"]", "[403, \"X.1.ServiceDisabled\"]"}) {
    begin({std::string("--set=sessions_refuse=") + refusal});
    const auto bmc = patient();
    EXPECT_EQ(bmc->power(), PowerState::off) << refusal;
    EXPECT_EQ(netboot::perform(*bmc, PowerAction::on, limits_, clock_, {}), PowerState::on) << refusal;
    EXPECT_EQ(bmc->facts().login, "basic");
    EXPECT_LE(service_->count("POST /redfish/v1/SessionService/Sessions\n"), 3U);
  }
}

TEST_F(RedfishVendors, ASessionThatIsLongInComingIsDoneWithout) {
  begin({"--set=sessions_refuse=[503, \"IDRAC.2.1.RAC0218\", 3600]"});
  patience_.busy = Milliseconds(1'000);
  const auto bmc = patient();
  EXPECT_EQ(bmc->power(), PowerState::off);
  EXPECT_EQ(bmc->facts().login, "basic");
  EXPECT_EQ(service_->count("POST /redfish/v1/SessionService/Sessions\n"), 1U);
}

TEST_F(RedfishVendors, TagsAreSentInTheFormThatIsTaken) {
  for (const auto* const kind : {"doubled", "weak-refused", "hidden", "useless", "strong", "weak"}) {
    begin({std::string("--set=etag=\"") + kind + "\""});
    EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network) << kind << service_->sent();
    EXPECT_LE(changes().size(), 4U) << kind;
  }
}

TEST_F(RedfishVendors, ChangesAreSentWhereTheBmcNamesAResourceOfTheSystem) {
  begin({"--set=settings=\"unannounced\"", "--set=etag=\"strong\"", "--set=if_match=true"});
  EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network) << service_->sent();
  EXPECT_NE(service_->sent().find("/redfish/v1/Systems/1/SD"), std::string::npos);
}

TEST_F(RedfishVendors, AResourceOfTheSystemIsFoundInWhateverWordsItIsNamed) {
  for (const auto* const says :
       {R"(["Use /redfish/v1/Systems/1/SD/.", ""])", R"(["PATCH is supported at the /SD URI only", ""])",
        R"(["BootSourceOverrideTarget/BootSourceOverrideMode: PATCH is supported at /redfish/v1/Systems/1/SD", ""])",
        R"(["Read and/or write at /SD", ""])",
        R"(["The resource '/redfish/v1/Systems/1' takes no PATCH, '/redfish/v1/Systems/1/SD' does", ""])",
        R"(["It is not supported here", "PATCH /redfish/v1/Systems/1/SD instead"])",
        R"(["Use https://192.0.2.1/redfish/v1/Systems/1/SD", ""])",
        R"(["See https://www.example.com/a/b, and use https://[2001:db8::1]:8443/redfish/v1/Systems/1/SD", ""])"}) {
    begin({"--set=settings=\"unannounced\"", std::string("--set=names_settings=") + says});
    try {
      EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network) << says;
    } catch (const Error& error) {
      ADD_FAILURE() << says << ": " << error.what();
    }
  }
  begin({"--set=settings=\"unannounced\"", R"(--set=names_settings=["/a /b /c /d /e /f /g /h", ""])"});
  EXPECT_EQ(set_fails({BootDevice::network}).code(), ErrorCode::precondition);
  EXPECT_LE(service_->count("GET /redfish/v1/Systems/1/"), 10U) << "five for each of the two ways to set it";
}

TEST_F(RedfishVendors, WhatIsAnnouncedAndNotShownIsDoneWithout) {
  for (const auto* const status : {"403", "404", "500"}) {
    begin({"--set=action_info=true", std::string("--set=action_info_status=") + status});
    EXPECT_EQ(connect()->facts().power_actions.size(), 4U) << status;
    EXPECT_EQ(netboot::perform(*connect(), PowerAction::on, limits_, clock_, {}), PowerState::on) << status;
    begin({"--set=settings=true", std::string("--set=settings_status=") + status});
    EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network) << status;
  }
}

TEST_F(RedfishVendors, ABootDeviceIsReadWhereItIsTold) {
  begin({"--set=settings=\"empty\""});
  EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network);
  EXPECT_EQ(set({}), BootOverride{});
  service_->fault("stuck PATCH 1");
  EXPECT_EQ(set_fails({BootDevice::network}).code(), ErrorCode::timeout) << "accepted, and ignored";
}

TEST_F(RedfishVendors, WhatCanNotBeUnderstoodIsAnErrorOfTheBmc) {
  for (const auto* const boot : {"\"x\"", "null", "{}", "[]", "7", "{\"BootSourceOverrideEnabled\": 7}"}) {
    begin({std::string("--set=boot=") + boot});
    EXPECT_EQ(set_fails({BootDevice::network}).code(), ErrorCode::precondition) << boot;
    EXPECT_EQ(connect()->power(), PowerState::off) << boot;
    EXPECT_EQ(connect()->facts().system, "1") << boot;
  }
}

TEST_F(RedfishVendors, APowerActionIsAskedAgainJustAfterAChange) {
  begin({});
  service_->fault("refuse:409:IDRAC.2.8.PSU501 POST 2");
  EXPECT_EQ(netboot::perform(*patient(), PowerAction::on, limits_, clock_, {}), PowerState::on);
  EXPECT_EQ(service_->log(), "power 1\n");
}

TEST_F(RedfishVendors, AnActionWhoseStateIsReachedIsDone) {
  for (const auto* const status : {"--set=conflict=409", "--set=conflict=400"}) {
    begin({status});
    service_->turn("on");
    connect()->control(PowerAction::on);
    service_->turn("off");
    connect()->control(PowerAction::off);
    connect()->control(PowerAction::shutdown);
    EXPECT_EQ(service_->log(), "");
    service_->fault("refuse:400:X.1.Y POST 1");
    EXPECT_EQ(tests::error_of([&] { connect()->control(PowerAction::on); }).code(), ErrorCode::precondition)
        << "refused, and not reached";
  }
}

TEST_F(RedfishVendors, ABootUriIsNotWrittenWhereThereIsNone) {
  begin({"--set=targets={\"None\": \"none\", \"UefiHttp\": \"pxe\", \"Hdd\": \"default\"}"});
  EXPECT_EQ(set({BootDevice::network}).device, BootDevice::network);
  for (const auto& change : changes()) EXPECT_FALSE(change.contains("HttpBootUri")) << change;
  EXPECT_EQ(changes().back()["BootSourceOverrideTarget"], "UefiHttp");
}

TEST_F(RedfishVendors, ABmcWhoseManagerIsHiddenIsCheckedAllTheSame) {
  for (const auto* const status : {"403", "404", "500"}) {
    begin({std::string("--set=manager=") + status});
    const auto facts = patient()->facts();
    EXPECT_EQ(facts.firmware_version, "") << status;
    EXPECT_EQ(facts.power_actions.size(), 4U) << status;
  }
}

TEST_F(RedfishVendors, WhatItSaysOfItselfIsPrintable) {
  begin({"--set=vendor=\"Con\\u001b[31mtoso\\u202e\"", "--set=product=\"" + std::string(5'000, 'x') + "\""});
  const auto facts = connect()->facts();
  EXPECT_EQ(facts.vendor.find('\x1b'), std::string::npos) << facts.vendor;
  EXPECT_NE(facts.vendor.find("Con"), std::string::npos);
  EXPECT_LE(facts.product.size(), 200U);
}

TEST_F(RedfishVendors, AProtocolThatIsTooOldIsNamedAndTakenFromAPinnedOneThatMay) {
  begin({"--tls=1.0"});
  const auto error = tests::error_of([&] { (void)connect()->power(); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_NE(std::string(error.what()).find("protocol is too old"), std::string::npos) << error.what();
  endpoint_.legacy_tls = true;
  EXPECT_EQ(connect()->power(), PowerState::off);
  endpoint_.fingerprint.clear();
  endpoint_.ca = service_->ca();
  EXPECT_EQ(tests::error_of([&] { (void)connect()->power(); }).code(), ErrorCode::precondition) << "not pinned";
}

TEST_F(RedfishVendors, AKeyThatIsTooWeakIsNamed) {
  begin({"--weak-key", "--tls=1.0"});
  endpoint_.legacy_tls = true;
  EXPECT_EQ(connect()->power(), PowerState::off);
  begin({"--weak-key", "--tls=any"});
  endpoint_.fingerprint.clear();
  endpoint_.ca = service_->ca();
  const auto error = tests::error_of([&] { (void)connect()->power(); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_NE(std::string(error.what()).find("too weak"), std::string::npos) << error.what();
}

}  // namespace
}  // namespace rescue::netboot
