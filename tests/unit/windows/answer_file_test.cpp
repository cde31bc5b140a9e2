// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/subprocess.hpp"
#include "images/windows/answer_commands.hpp"
#include "images/windows/answer_file.hpp"
#include "images/windows/inf_text.hpp"
#include "images/windows/setup_key.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <functional>
#include <iterator>

namespace rescue::windows {
namespace {

using testing::HasSubstr;
using testing::Not;

AnswerSettings settings_for(Release release, Firmware firmware = Firmware::uefi) {
  AnswerSettings settings;
  settings.release = release;
  settings.firmware = firmware;
  settings.image_index = 2;
  settings.edition_id = facts_of(release).client ? "Professional" : "ServerStandard";
  settings.driver_names = {"vioscsi", "NetKVM"};
  return settings;
}

struct Golden {
  const char* name;
  AnswerSettings settings;
};
void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }

AnswerSettings in_french() {
  auto settings = settings_for(Release::server_2022);
  settings.ui_language = "fr-FR";
  settings.locale = "fr-FR";
  settings.keyboards = {"fr", "us", "ch-fr"};
  settings.time_zone = "Romance Standard Time";
  settings.computer_name = "SECOURS-01";
  return settings;
}

std::vector<Golden> goldens() {
  std::vector<Golden> all;
  all.push_back({"server-2016-uefi", settings_for(Release::server_2016)});
  all.push_back({"server-2016-bios", settings_for(Release::server_2016, Firmware::bios)});
  all.push_back({"server-2019-uefi", settings_for(Release::server_2019)});
  all.push_back({"server-2019-bios", settings_for(Release::server_2019, Firmware::bios)});
  all.push_back({"server-2022-uefi", settings_for(Release::server_2022)});
  all.push_back({"server-2022-bios", settings_for(Release::server_2022, Firmware::bios)});
  all.push_back({"server-2022-uefi-french", in_french()});
  all.push_back({"server-2025-uefi", settings_for(Release::server_2025)});
  all.push_back({"server-2025-bios", settings_for(Release::server_2025, Firmware::bios)});
  all.push_back({"windows-10-uefi", settings_for(Release::windows_10)});
  all.push_back({"windows-11-uefi", settings_for(Release::windows_11)});
  return all;
}

class AnswerFileGolden : public testing::TestWithParam<Golden> {
protected:
  [[nodiscard]] static std::string path() { return std::string(RESCUE_GOLDEN_FOLDER "/") + GetParam().name + ".xml"; }
};

TEST_P(AnswerFileGolden, StaysAsItWasAccepted) {
  const auto xml = answer_file(GetParam().settings);
  EXPECT_EQ(xml, answer_file(GetParam().settings)) << "the same bytes for the same settings";
  if (std::getenv("RESCUE_TEST_ACCEPT") != nullptr) std::ofstream(path(), std::ios::binary) << xml;
  std::ifstream in(path(), std::ios::binary);
  ASSERT_TRUE(in) << path() << " is missing: accept it with RESCUE_TEST_ACCEPT=1";
  const std::string accepted{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(xml, accepted) << "look at the difference, then accept it with RESCUE_TEST_ACCEPT=1";
}

/// Output of xmllint for an answer file; empty if it is valid, none if xmllint is not installed.
std::optional<std::string> faults_of(const std::string& xml) {
  const tests::ScratchFolder folder;
  Command validate;
  validate.argv = {"xmllint", "--noout", "--nonet", "--relaxng", RESCUE_SCHEMA, folder.write("autounattend.xml", xml)};
  try {
    const auto result = run(validate);
    return result.status == 0 ? "" : result.err;
  } catch (const Error&) {
    return std::nullopt;
  }
}

TEST_P(AnswerFileGolden, PassesTheSchema) {
  const auto faults = faults_of(answer_file(GetParam().settings));
  if (!faults) GTEST_SKIP() << "xmllint is not installed (package libxml2-utils)";
  EXPECT_EQ(*faults, "");
}

INSTANTIATE_TEST_SUITE_P(Releases, AnswerFileGolden, testing::ValuesIn(goldens()), [](const auto& instance) {
  std::string name = instance.param.name;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

TEST(AnswerFileSchema, RefusesWhatSetupWouldRefuse) {
  const auto xml = answer_file(settings_for(Release::server_2025));
  if (!faults_of(xml)) GTEST_SKIP() << "xmllint is not installed (package libxml2-utils)";
  for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
           {"<SanPolicy>3", "<SanPolicy>5"},
           {"<Key>TVRH6-", "<Key>TVRH-"},
           {"<Type>EFI", "<Type>ESP"},
           {"<WillWipeDisk>true", "<WillWipeDisk>yes"},
           {"pass=\"specialize\"", "pass=\"specialise\""},
           {"Microsoft-Windows-PartitionManager", "Microsoft-Windows-Partitions"},
           {"<InputLocale>0409:", "<InputLocale>409:"},
           {"<Key>/IMAGE/INDEX", "<Key>/IMAGE/NUMBER"},
           {"<Extend>true</Extend>", "<Extend>true</Extend><Size>1</Size>"},
           {"<Path>D:", "<Path>" + std::string(300, 'D')},
           {"processorArchitecture=\"amd64\"", "processorArchitecture=\"x86\""},
           {"<SkipUserOOBE>true</SkipUserOOBE>",
            "<SkipUserOOBE>true</SkipUserOOBE><NetworkLocation>Work</NetworkLocation>"}}) {
    EXPECT_NE(*faults_of(replaced(xml, what, by)), "") << by;
  }
}

TEST(AnswerFile, HasNoRecoveryPartitionWithEitherFirmware) {
  for (const auto firmware : {Firmware::uefi, Firmware::bios}) {
    const auto xml = answer_file(settings_for(Release::server_2022, firmware));
    EXPECT_THAT(xml, Not(HasSubstr("TypeID")));
    EXPECT_THAT(xml, HasSubstr("reagentc.exe /disable"));
    EXPECT_THAT(xml, HasSubstr("<UninstallWindowsRE>true</UninstallWindowsRE>"));
    EXPECT_THAT(xml, HasSubstr(firmware == Firmware::uefi ? "<PartitionID>3</PartitionID>" : "<Active>true</Active>"));
  }
}

/// Part of an answer file for one pass.
std::string pass_of(const std::string& xml, const std::string& name) {
  const auto begin = xml.find("<settings pass=\"" + name + "\">");
  EXPECT_NE(begin, std::string::npos) << name;
  return begin == std::string::npos ? "" : xml.substr(begin, xml.find("</settings>", begin) - begin);
}

/// "SanPolicy", Microsoft Learn: offlineServicing is the only pass that takes it.
TEST(AnswerFile, KeepsDisksOfTheCustomerOfflineFromTheFirstStartOn) {
  auto settings = settings_for(Release::server_2019);
  for (const bool drivers : {true, false}) {
    if (!drivers) settings.driver_names.clear();
    const auto xml = answer_file(settings);
    EXPECT_THAT(pass_of(xml, "offlineServicing"), HasSubstr("<SanPolicy>3</SanPolicy>"));
    EXPECT_THAT(pass_of(xml, "specialize"), Not(HasSubstr("<SanPolicy>")));
    EXPECT_THAT(pass_of(xml, "specialize"), HasSubstr(R"(partmgr\Parameters" /v SanPolicy /t REG_DWORD /d "3")"));
    EXPECT_EQ(faults_of(xml).value_or(""), "");
  }
}

TEST(AnswerFile, KeepsWindowsFromEncryptingDisks) {
  const auto xml = answer_file(settings_for(Release::server_2025));
  EXPECT_THAT(pass_of(xml, "oobeSystem"), HasSubstr("<PreventDeviceEncryption>true</PreventDeviceEncryption>"));
  EXPECT_THAT(pass_of(xml, "oobeSystem"),
              HasSubstr("<TCGSecurityActivationDisabled>1</TCGSecurityActivationDisabled>"));
  EXPECT_THAT(pass_of(xml, "specialize"), HasSubstr(R"(BitLocker" /v PreventDeviceEncryption /t REG_DWORD /d "1")"));
}

/// Setup asks for a key of volume and retail media even for WillShowUI=Never, and evaluation media refuse one.
TEST(AnswerFile, AnswersTheQuestionForAProductKey) {
  auto settings = settings_for(Release::server_2025);
  EXPECT_THAT(answer_file(settings), HasSubstr("<Key>TVRH6-WHNXV-R9WG3-9XRFY-MY832</Key>"));
  settings.edition_id = "ServerDatacenter";
  EXPECT_THAT(answer_file(settings), HasSubstr("<Key>D764K-2NDRG-47T6Q-P8T8W-YP6DF</Key>"));
  for (const auto* edition : {"ServerStandardEval", "ServerDatacenterEval", "ServerTurbine", ""}) {
    settings.edition_id = edition;
    const auto xml = answer_file(settings);
    EXPECT_THAT(xml, Not(HasSubstr("<Key>T"))) << edition;
    EXPECT_EQ(faults_of(xml).value_or(""), "");
  }
}

TEST(SetupKey, FitsTheReleaseAndTheEdition) {
  EXPECT_EQ(setup_key(Release::server_2016, "ServerStandard"), "WC2BQ-8NRM3-FDDYY-2BFGV-KHKQY");
  EXPECT_EQ(setup_key(Release::server_2019, "serverdatacenter"), "WMDGN-G9PQG-XVVXX-R3X43-63DFG");
  EXPECT_EQ(setup_key(Release::server_2022, "ServerStandard"), "VDYBN-27WPP-V4HQT-9VMD4-VMK7H");
  EXPECT_EQ(setup_key(Release::windows_11, "Professional"), "W269N-WFGWX-YVC9B-4J6C9-T83GX");
  EXPECT_EQ(setup_key(Release::windows_10, "EnterpriseS"), "M7XTQ-FN8P6-TTKYV-9D4CC-J462D");
  EXPECT_FALSE(setup_key(Release::windows_11, "Core"));
  EXPECT_FALSE(setup_key(Release::windows_11, "ServerStandard"));
  EXPECT_TRUE(is_evaluation("ServerStandardEval"));
  EXPECT_FALSE(is_evaluation("ServerStandard"));
}

TEST(AnswerFile, ShowsNoPageAboutPrivacyAtTheFirstLogin) {
  EXPECT_THAT(answer_file(settings_for(Release::server_2025)), HasSubstr("/v DisablePrivacyExperience"));
}

/// A client sleeps after half an hour, and then answers neither RDP nor SSH.
TEST(AnswerFile, KeepsAClientFromSleeping) {
  for (const auto release : {Release::windows_10, Release::windows_11}) {
    EXPECT_THAT(answer_file(settings_for(release)), HasSubstr("powercfg.exe /change standby-timeout-ac 0"));
  }
  EXPECT_THAT(answer_file(settings_for(Release::server_2025)), Not(HasSubstr("standby-timeout")));
}

/// Setup of Windows 11 also refuses older processors and small disks.
TEST(AnswerFile, TurnsOffEveryCheckOfTheMachineForWindows11Only) {
  const auto checks = {"BypassTPMCheck", "BypassSecureBootCheck", "BypassRAMCheck", "BypassCPUCheck",
                       "BypassStorageCheck"};
  for (const auto* check : checks) {
    EXPECT_THAT(pass_of(answer_file(settings_for(Release::windows_11)), "windowsPE"), HasSubstr(check));
    EXPECT_THAT(answer_file(settings_for(Release::windows_10)), Not(HasSubstr(check)));
  }
}

TEST(AnswerFile, OpensSshOnEveryProfileInEveryRelease) {
  for (const auto release : {Release::server_2016, Release::server_2019, Release::server_2022, Release::server_2025}) {
    const auto xml = answer_file(settings_for(release));
    EXPECT_THAT(xml, HasSubstr("localport=22 profile=any"));
    EXPECT_THAT(xml, HasSubstr("/v DefaultShell"));
    const bool newest = release == Release::server_2025;
    EXPECT_EQ(xml.find("OpenSSH-Server-In-TCP -Profile Any") != std::string::npos, newest);
    EXPECT_EQ(xml.find("/v SelectTransport /t REG_DWORD /d &quot;1&quot;") != std::string::npos ||
                  xml.find("/v SelectTransport /t REG_DWORD /d \"1\"") != std::string::npos,
              newest);
  }
}

TEST(AnswerFile, OffersEveryLayoutOnTheLoginScreenInTheOrderGiven) {
  const auto xml = answer_file(in_french());
  EXPECT_THAT(xml, HasSubstr("<InputLocale>040c:0000040c;0409:00000409;100c:0000100c</InputLocale>"));
  EXPECT_THAT(xml, HasSubstr(R"(Preload" /v 1 /t REG_SZ /d "0000040c")"));
  EXPECT_THAT(xml, HasSubstr(R"(Preload" /v 3 /t REG_SZ /d "0000100c")"));
}

TEST(AnswerFile, HasThePasswordInSetupsFormAndOnlyIfThereIsOne) {
  auto settings = settings_for(Release::server_2022);
  EXPECT_THAT(answer_file(settings), Not(HasSubstr("AdministratorPassword")));
  const Secret password("a<b&\"ä");
  settings.administrator_password = &password;
  const auto xml = answer_file(settings);
  const auto begin = xml.find("<Value>", xml.find("<AdministratorPassword>")) + 7;
  const auto decoded = bytes_of_base64(xml.substr(begin, xml.find('<', begin) - begin));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, utf16_of("a<b&\"äAdministratorPassword"));
  EXPECT_EQ(faults_of(xml).value_or(""), "");
}

TEST(AnswerFile, HasCommandsWithinSetupsLimits) {
  for (const auto& golden : goldens()) {
    for (const auto& command : specialize_commands(golden.settings)) {
      EXPECT_LE(command.line.size(), 259U) << command.line;
      EXPECT_FALSE(command.description.empty());
    }
  }
}

TEST(AnswerFile, RefusesSettingsThatWindowsWouldRefuse) {
  const auto error_with = [](const std::function<void(AnswerSettings&)>& change) {
    auto settings = settings_for(Release::server_2022);
    change(settings);
    const auto error = tests::error_of([&] { (void)answer_file(settings); });
    EXPECT_EQ(error.code(), ErrorCode::usage) << error.what();
    EXPECT_FALSE(error.hint().empty()) << error.what();
    return error.hint();
  };
  for (const std::string name : {"", "-A", "A-", "1234", "SIXTEEN-LETTERS-", "a b", "ä", "A_B"}) {
    error_with([&](AnswerSettings& settings) { settings.computer_name = name; });
  }
  for (const std::string language : {"", "english", "en_US", "e-US", "en-", "en-US;x"}) {
    error_with([&](AnswerSettings& settings) { settings.locale = language; });
    error_with([&](AnswerSettings& settings) { settings.ui_language = language; });
  }
  EXPECT_THAT(error_with([](AnswerSettings& settings) { settings.time_zone = "Europe/Paris"; }), HasSubstr("Romance"));
  EXPECT_THAT(error_with([](AnswerSettings& settings) { settings.time_zone = "Romanse Standard Time"; }),
              HasSubstr("Did you mean 'Romance Standard Time'?"));
  EXPECT_THAT(error_with([](AnswerSettings& settings) { settings.keyboards = {"us", "xx"}; }), HasSubstr("us, fr, de"));
  error_with([](AnswerSettings& settings) { settings.keyboards = {"us", "us"}; });
  error_with([](AnswerSettings& settings) { settings.keyboards.clear(); });
}

}  // namespace
}  // namespace rescue::windows
