// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "netboot/bmc/ipmitool_bmc.hpp"
#include "netboot/bmc/patient_bmc.hpp"
#include "netboot/bmc/power.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace rescue::netboot {
namespace {

/// A program in ipmitool's place that prints its output for real BMCs, which ipmi_sim can't imitate. Each run takes the
/// next line of "says" ("STATUS TEXT"; the last one stays), and records its arguments.
class IpmitoolLines : public ::testing::Test {
protected:
  void SetUp() override {
    write_file_atomically(scratch_.file("ipmitool"),
                          "#!/bin/sh\n"
                          "cd '" +
                              scratch_.file("") +
                              "' || exit 1\n"
                              "cat >/dev/null\n"
                              "echo \"$*\" >>asked\n"
                              "[ ! -e script ] || . ./script\n"
                              "read -r status text <says\n"
                              "[ \"$(wc -l <says)\" -le 1 ] || { sed 1d says >says.new; mv says.new says; }\n"
                              "[ \"$status\" -eq 0 ] || { printf '%b\\n' \"$text\" >&2; exit \"$status\"; }\n"
                              "printf '%b\\n' \"$text\"\n",
                          0700);
    path_ = std::getenv("PATH");
    ::setenv("PATH", (scratch_.file("") + ":" + path_).c_str(), 1);
    says({ok});
  }
  void TearDown() override { ::setenv("PATH", path_.c_str(), 1); }

  void says(const std::vector<std::string>& lines) const {
    std::string all;
    for (const auto& line : lines) all += line + "\n";
    write_file_atomically(scratch_.file("says"), all, 0600);
  }
  void script(const std::string& text) const { write_file_atomically(scratch_.file("script"), text, 0600); }
  [[nodiscard]] std::string asked() const { return read_file_if_exists(scratch_.file("asked")).value_or(""); }
  [[nodiscard]] std::size_t runs() const {
    const auto all = asked();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
  }
  [[nodiscard]] static std::unique_ptr<Bmc> connect() {
    BmcEndpoint endpoint;
    endpoint.address = "192.0.2.1";
    endpoint.user = "somebody";
    return std::make_unique<IpmitoolBmc>(endpoint, Secret(std::string_view("word")));
  }
  [[nodiscard]] std::unique_ptr<Bmc> patient() {
    return std::make_unique<PatientBmc>(connect(), patience_, clock_, std::stop_token{});
  }

  static constexpr auto ok = "0  01 00 00 40";  // on
  tests::ScratchFolder scratch_;
  SystemClock clock_;
  PowerLimits limits_{Milliseconds(300), Milliseconds(20), Milliseconds(300)};
  Patience patience_{Milliseconds(5'000), 2, Milliseconds(10), Milliseconds(40)};
  std::string path_;
};

TEST_F(IpmitoolLines, OutOfSessionsIsBusyWhoeverSaysIt) {
  for (const auto* const line : {"1 Error in open session response message : insufficient resources for session\\n",
                                 "1 > RAKP 2 message indicates an error : insufficient resources for session\\nError: "
                                 "Unable to establish IPMI v2 "
                                 "/ RMCP+ session",
                                 "1 > RAKP 4 message indicates an error : insufficient resources for role",
                                 "1 Unable to send RAW command "
                                 "(channel=0x0 netfn=0x0 lun=0x0 cmd=0x1 rsp=0xc0): Node busy"}) {
    says({line, line, ok});
    EXPECT_THROW((void)connect()->power(), BmcBusy) << line;
    EXPECT_EQ(patient()->power(), PowerState::on) << line;
    says({line, ok});
    patient()->control(PowerAction::on);
  }
}

TEST_F(IpmitoolLines, HalfAHandshakeIsAskedAgainAndIsNobodysPassword) {
  for (const auto* const line :
       {"1 > Error: no response from RAKP 1 message\\nError: Unable to establish IPMI v2 / RMCP+ session",
        "1 Error: Received an Unexpected RAKP 2 message\\nError: Unable to establish IPMI v2 / RMCP+ session",
        "1 > Error: no response from RAKP 3 message\\nError: Unable to establish IPMI v2 / RMCP+ session",
        "1 > RAKP 2 message indicates an error : invalid session ID\\nError: Unable to establish IPMI v2 / RMCP+ "
        "session",
        "1 Error: Received an Unexpected Open Session Response", "1 Error: Received an Unexpected RAKP 4 message"}) {
    says({line, ok});
    EXPECT_EQ(patient()->power(), PowerState::on) << line;
    says({line, line, ok});
    patient()->control(PowerAction::on);  // no session: no request was sent, so a retry is safe
    says({line});
    EXPECT_EQ(tests::error_of([&] { (void)connect()->power(); }).code(), ErrorCode::unavailable) << line;
  }
}

TEST_F(IpmitoolLines, OnlyTheseLinesMeanUserOrPassword) {
  for (const auto* const line :
       {"1 > RAKP 2 HMAC is invalid\\nError: Unable to establish IPMI v2 / RMCP+ session",
        "1 > RAKP 2 message indicates an error : unauthorized name\\nError: Unable to establish "
        "IPMI v2 / RMCP+ session"}) {
    says({line});
    const auto error = tests::error_of([&] { (void)connect()->power(); });
    EXPECT_EQ(error.code(), ErrorCode::bmc_denied) << line;
    EXPECT_NE(std::string(error.what()).find("refuses user or password"), std::string::npos) << error.what();
  }
}

TEST_F(IpmitoolLines, ACipherSuiteThatIsNotTakenIsNamed) {
  for (const auto* const line : {"1 Error in open session response message : no cipher suite match with proposed "
                                 "security algorithms",
                                 "1 Error in open session response message : invalid integrity algorithm",
                                 "1 > RAKP 2 message indicates an error : no matching integrity payload"}) {
    says({line});
    const auto error = tests::error_of([&] { (void)connect()->power(); });
    EXPECT_EQ(error.code(), ErrorCode::precondition) << line;
    EXPECT_NE(std::string(error.what()).find("cipher suite 3"), std::string::npos) << error.what();
  }
}

TEST_F(IpmitoolLines, AnOperatorIsEnough) {
  for (const auto* const refusal :
       {"> RAKP 2 message indicates an error : unauthorized role or privilege level requested",
        "Set Session Privilege Level to ADMINISTRATOR failed\\nError: Unable to establish IPMI v2 / RMCP+ session",
        "Error: Unable to establish IPMI v2 / RMCP+ session"}) {
    script(std::string("case $* in *'-L OPERATOR'*) ;; *) printf '%b\\n' '") + refusal + "' >&2; exit 1 ;; esac\n");
    const auto bmc = connect();
    EXPECT_EQ(bmc->power(), PowerState::on) << refusal;
    const auto before = runs();
    EXPECT_EQ(bmc->power(), PowerState::on);
    EXPECT_EQ(runs(), before + 1) << "it is remembered";
  }
}

TEST_F(IpmitoolLines, APrivilegeThatIsMissingIsNamed) {
  says({"1 > RAKP 2 message indicates an error : unauthorized role or privilege level requested"});
  auto error = tests::error_of([&] { (void)connect()->power(); });
  EXPECT_EQ(error.code(), ErrorCode::bmc_denied);
  EXPECT_NE(std::string(error.what()).find("no privilege ADMINISTRATOR or OPERATOR"), std::string::npos)
      << error.what();
  says({"1 Unable to send RAW command (channel=0x0 netfn=0x0 lun=0x0 cmd=0x2 rsp=0xd4): Insufficient privilege level"});
  error = tests::error_of([&] { connect()->control(PowerAction::on); });
  EXPECT_EQ(error.code(), ErrorCode::bmc_denied);
  EXPECT_NE(std::string(error.what()).find("privilege"), std::string::npos) << error.what();
}

TEST_F(IpmitoolLines, BootFlagsThatAreNotValidSelectNothing) {
  for (const auto* const flags : {"0  01 85 20 04 00 00 00", "0  01 05 20 04 00 00 00", "0  01 85 a0 04 00 00 00",
                                  "0  01 05 60 08 00 00 00", "0  01 05 00 04 00 00 00", "0  01 85 00 08 00 00 00"}) {
    says({flags});
    EXPECT_EQ(connect()->boot_device(), BootOverride{}) << flags;
  }
  says({"0  01 05 a0 04 00 00 00"});
  EXPECT_EQ(connect()->boot_device(), (BootOverride{BootDevice::network, false}));
  says({"0  01 05 e0 08 00 00 00"});
  EXPECT_EQ(connect()->boot_device(), (BootOverride{BootDevice::disk, true}));
}

TEST_F(IpmitoolLines, ABootDeviceThatIsNotValidAfterwardsIsNotSet) {
  const auto set = [&](BootOverride wanted) {
    return tests::error_of([&] { (void)set_boot_device(*connect(), wanted, Firmware::uefi, limits_, clock_, {}); });
  };
  for (const auto* const flags : {"0  01 85 20 04 00 00 00", "0  01 05 20 04 00 00 00", "0  01 05 00 04 00 00 00"}) {
    says({flags});
    EXPECT_EQ(set({BootDevice::network}).code(), ErrorCode::timeout) << flags;
  }
  says({"0  01 05 e0 04 00 00 00"});
  EXPECT_EQ(set({BootDevice::network}).code(), ErrorCode::timeout) << "for ever is not once";
  says({"0  01"});
  const auto unseen = set({BootDevice::network});
  EXPECT_EQ(unseen.code(), ErrorCode::precondition) << "unseen is not done";
}

TEST_F(IpmitoolLines, ARequestThatTheBmcTimedOutOverMayHaveBeenCarriedOut) {
  says({"1 Unable to send RAW command (channel=0x0 netfn=0x0 lun=0x0 cmd=0x2 rsp=0xc3): Timeout"});
  EXPECT_THROW(connect()->control(PowerAction::reset), OutcomeUnknown);
  EXPECT_THROW(patient()->control(PowerAction::reset), OutcomeUnknown);
  EXPECT_EQ(runs(), 2U) << "a reset is not repeated";
}

TEST_F(IpmitoolLines, AServerThatWasTurnedOffIsTurnedOnWhateverIsSaidMeanwhile) {
  for (const auto* const code :
       {"rsp=0xc3): Timeout", "rsp=0xff): Unspecified error", "rsp=0xcc): Invalid data field"}) {
    const auto refusal = fmt::format("1 Unable to send RAW command (channel=0x0 netfn=0x0 lun=0x0 cmd=0x2 {}", code);
    const std::string off = "0  00 00 00 40";
    says({ok, "0", refusal, refusal, refusal, refusal, off, off, refusal, off, refusal, off, "0", ok});
    std::filesystem::remove(scratch_.file("asked"));
    const auto bmc = connect();
    PatientTurns turns(*bmc, patience_, clock_);
    auto reached = PowerState::off;
    EXPECT_TRUE(do_all_turns(perform_in_turns(turns, PowerAction::cycle, limits_, clock_, reached), clock_, {}));
    EXPECT_EQ(reached, PowerState::on) << code;
    const auto times = [all = asked()](const std::string& what) {
      std::size_t found = 0;
      for (auto at = all.find(what); at != std::string::npos; at = all.find(what, at + 1)) ++found;
      return found;
    };
    EXPECT_EQ(times("0x00 0x02 0x00"), 1U) << "off once";
    EXPECT_EQ(times("0x00 0x02 0x01"), 3U);
  }
}

TEST_F(IpmitoolLines, BytesThatAreNoTextDoNoHarm) {
  says({"1 Error: \\0033[31mred\\0377\\0200 text"});
  const std::string said = tests::error_of([&] { (void)connect()->power(); }).what();
  EXPECT_NE(said.find("red"), std::string::npos) << said;
  EXPECT_TRUE(std::all_of(said.begin(), said.end(), [](char c) { return c >= 0x20 && c < 0x7f; })) << said;
}

}  // namespace
}  // namespace rescue::netboot
