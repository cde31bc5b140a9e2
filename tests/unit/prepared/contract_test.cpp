// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Checks each point of the contract on its own: the facts of a disk that keeps them all, with one of them changed.
#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "images/prepared/contract.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/prepared/prepared_windows.hpp"

#include <gmock/gmock.h>

namespace rescue::prepared {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> missing(const Verdict& verdict) {
  std::vector<std::string> ids;
  for (const auto& point : verdict.points) {
    if (!point.kept) ids.push_back(point.id);
  }
  return ids;
}

/// Answer of rescue-ntfs-read for a disk that keeps the contract; read once.
const Json& good_answer() {
  static const Json answer = [] {
    tests::PreparedWindows windows;
    const auto image = windows.make({});
    Command command;
    command.argv = {RESCUE_NTFS_READ, "qcow2", image};
    command.input = contract_query().dump();
    return Json::parse(run_checked(command).out);
  }();
  return answer;
}

class Contract : public testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_windows()) GTEST_SKIP() << "needs ntfs-3g, wimtools, qemu-utils, gdisk and mtools";
    answer = good_answer();
  }
  Json& volume() { return answer["partitions"][1]["volume"]; }
  Json& windows() { return volume()["windows"][0]; }
  Json& key(const std::string& hive, const std::string& path) { return windows()["hives"][hive]["keys"][path]; }
  [[nodiscard]] std::vector<std::string> missing_points(bool allow_client = false) const {
    return missing(check_contract(GuestFacts(answer), allow_client));
  }

  Json answer;
  const std::string system = R"(CurrentControlSet\)";
  const std::string rules = system + R"(Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules)";
};

TEST_F(Contract, IsKeptByAPreparedWindows) {
  const auto verdict = check_contract(GuestFacts(answer), false);
  EXPECT_THAT(missing(verdict), IsEmpty());
  EXPECT_TRUE(verdict.kept());
  EXPECT_EQ(verdict.edition, "Windows Server 2025 (ServerStandard), build 26100");
  EXPECT_EQ(verdict.release, windows::Release::server_2025);
  EXPECT_EQ(verdict.points.size(), 39U);
}

TEST_F(Contract, NamesEachNumberOfTheRegistryThatIsWrong) {
  struct Case {
    const char* hive;
    std::string path;
    const char* name;
    unsigned wrong;
    const char* id;
  };
  const std::vector<Case> cases{
      {"SYSTEM", "Setup", "SetupType", 2, "setup-finished"},
      {"SYSTEM", system + "Services\\vioscsi", "Start", 3, "vioscsi-boots"},
      {"SYSTEM", system + "Services\\viostor", "Start", 3, "viostor-boots"},
      {"SYSTEM", system + "Services\\netkvm", "Start", 4, "network-driver"},
      {"SYSTEM", system + "Services\\VirtioSerial", "Start", 4, "serial-driver"},
      {"SYSTEM", system + "Services\\QEMU-GA", "Start", 3, "guest-agent-starts"},
      {"SYSTEM", system + "Services\\sshd", "Start", 3, "sshd-starts"},
      {"SYSTEM", system + "Services\\TermService", "Start", 4, "rdp-service"},
      {"SYSTEM", system + "Services\\mpssvc", "Start", 4, "firewall-service"},
      {"SYSTEM", system + "Services\\Netlogon", "Start", 2, "not-a-domain-member"},
      {"SYSTEM", system + "Control\\Terminal Server", "fDenyTSConnections", 1, "rdp-on"},
      {"SYSTEM", system + R"(Control\Terminal Server\WinStations\RDP-Tcp)", "UserAuthentication", 0, "rdp-nla"},
      {"SYSTEM", system + R"(Control\Terminal Server\WinStations\RDP-Tcp)", "PortNumber", 3390, "rdp-port"},
      {"SYSTEM", system + "Services\\partmgr\\Parameters", "SanPolicy", 1, "other-disks-offline"},
      {"SYSTEM", system + "Control\\BitLocker", "PreventDeviceEncryption", 0, "no-device-encryption"},
      {"SYSTEM", system + "Control\\Power", "HibernateEnabled", 1, "hibernation-off"},
      {"SYSTEM", system + R"(Control\Session Manager\Power)", "HiberbootEnabled", 1, "fast-startup-off"},
      {"SOFTWARE", R"(Policies\Microsoft\Windows\WindowsUpdate\AU)", "NoAutoUpdate", 0, "updates-off"},
      {"SOFTWARE", R"(Policies\Microsoft\Windows NT\Terminal Services)", "fDenyTSConnections", 1, "rdp-policy"}};
  for (const auto& each : cases) {
    answer = good_answer();
    key(each.hive, each.path)[each.name] = each.wrong;
    EXPECT_THAT(missing_points(), ElementsAre(each.id)) << each.id;
  }
}

TEST_F(Contract, NamesAServiceThatIsNotInstalled) {
  for (const auto& [service, id] : std::vector<std::pair<std::string, std::string>>{
           {"QEMU-GA", "guest-agent-starts"}, {"sshd", "sshd-starts"}, {"netkvm", "network-driver"}}) {
    answer = good_answer();
    key("SYSTEM", system + "Services\\" + service) = nullptr;
    EXPECT_THAT(missing_points(), ElementsAre(id));
  }
}

TEST_F(Contract, NamesTheStateOfTheVolume) {
  for (const auto& [fact, id] :
       std::vector<std::pair<std::string, std::string>>{{"dirty", "volume-clean"},
                                                        {"journal_unclean", "volume-unmounted"},
                                                        {"hibernated", "not-hibernated"},
                                                        {"hibernation_file", "no-hibernation-file"}}) {
    answer = good_answer();
    volume()[fact] = true;
    EXPECT_THAT(missing_points(), ElementsAre(id));
  }
}

TEST_F(Contract, RefusesARuleForSomeProfilesOrAddressesOnly) {
  for (const char* rule : {"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=22|Profile=Domain|Profile=Private|",
                           "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=22|RA4=LocalSubnet|",
                           "v2.31|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=22|",
                           "v2.31|Action=Allow|Active=TRUE|Dir=Out|Protocol=6|LPort=22|",
                           "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=22|",
                           "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=2222|"}) {
    key("SYSTEM", rules)["{A1}"] = rule;
    EXPECT_THAT(missing_points(), ElementsAre("firewall-ssh")) << rule;
  }
}

TEST_F(Contract, RefusesARuleThatBlocksThePort) {
  key("SYSTEM", rules)["{B}"] = "v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=3389|Name=No RDP|";
  EXPECT_THAT(missing_points(), ElementsAre("firewall-rdp"));
}

TEST_F(Contract, NamesADisabledOrAbsentAdministrator) {
  auto& account = key("SAM", R"(SAM\Domains\Account\Users\000001F4)");
  account["F"].get_ref<std::string&>()[2 * 0x38 + 1] = '1';
  EXPECT_THAT(missing_points(), ElementsAre("administrator-enabled"));
  account["F"] = "00";
  EXPECT_THAT(missing_points(), ElementsAre("administrator-enabled"));
  account = nullptr;
  EXPECT_THAT(missing_points(), ElementsAre("administrator-enabled"));
}

TEST_F(Contract, RefusesEachPackageOfAStorageDriverThatDamagesData) {
  auto& packages = windows()["drivers"]["vioscsi"];
  auto bad = packages[0];
  for (const auto& [version, kept] : std::vector<std::pair<std::string, bool>>{{"100.96.104.27100", true},
                                                                               {"100.97.104.27200", false},
                                                                               {"100.100.104.29400", false},
                                                                               {"100.101.104.29500", true}}) {
    bad["content"] = base64_of(tests::inf_of("06/01/2025," + version));
    packages = Json::array({good_answer()["partitions"][1]["volume"]["windows"][0]["drivers"]["vioscsi"][0], bad});
    if (kept)
      EXPECT_THAT(missing_points(), IsEmpty()) << version;
    else
      EXPECT_THAT(missing_points(), ElementsAre("vioscsi-version")) << version;
  }
  packages = Json::array();
  EXPECT_THAT(missing_points(), ElementsAre("vioscsi-version"));
}

TEST_F(Contract, ReportsADriverFileThatOnlyWindowsCanRead) {
  auto& package = windows()["drivers"]["viostor"][0];
  package["wof_compressed"] = true;
  package["content"] = nullptr;
  const auto verdict = check_contract(GuestFacts(answer), false);
  EXPECT_THAT(missing(verdict), ElementsAre("viostor-version"));
  EXPECT_THAT(text_of(verdict), testing::HasSubstr("compressed by WOF"));
  EXPECT_THAT(text_of(verdict), testing::HasSubstr("compact.exe /u"));
}

TEST_F(Contract, AcceptsAClientOnlyWhenAskedFor) {
  auto& version = key("SOFTWARE", R"(Microsoft\Windows NT\CurrentVersion)");
  version["InstallationType"] = "Client";
  EXPECT_THAT(missing_points(), ElementsAre("supported-release"));
  EXPECT_THAT(missing_points(true), IsEmpty());
  version["CurrentBuildNumber"] = "9600";
  EXPECT_THAT(missing_points(true), ElementsAre("supported-release"));
}

TEST_F(Contract, NamesAHiveThatCannotBeRead) {
  windows()["hives"]["SAM"] = {{"present", true}, {"error", "is no registry hive"}};
  EXPECT_THAT(missing_points(), ElementsAre("hive-clean-SAM", "administrator-enabled"));
}

TEST_F(Contract, RefusesAnAnswerThatIsNoAnswer) {
  for (const auto& text : {"null", "[]", "{}", R"({"partitions": 1})"}) {
    EXPECT_EQ(tests::error_of([&] { (void)GuestFacts(Json::parse(text)); }).code(), ErrorCode::internal) << text;
  }
}

}  // namespace
}  // namespace rescue::prepared
