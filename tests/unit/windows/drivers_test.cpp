// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/drivers.hpp"
#include "images/windows/guest_agent.hpp"
#include "images/windows/inf_text.hpp"
#include "images/windows/open_ssh.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/windows/media_builder.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <iterator>
#include <random>

namespace rescue::windows {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class VirtioMedia : public testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_media()) GTEST_SKIP() << "needs genisoimage, wimtools, msitools and libarchive-tools";
  }

  /// Replaces the INF of a driver.
  void stamp(const std::string& driver, const std::string& text) const {
    for (const auto& entry : fs::recursive_directory_iterator(builder.path("virtio/" + driver))) {
      if (entry.path().extension() == ".inf") std::ofstream(entry.path(), std::ios::binary) << text;
    }
  }
  [[nodiscard]] DriverChoice choose(Release release = Release::server_2025) const {
    return choose_drivers(*media::open_medium(builder.path("virtio")), release);
  }
  [[nodiscard]] Error error_of(Release release = Release::server_2025) const {
    return tests::error_of([&] { (void)choose(release); });
  }

  tests::MediaBuilder builder;
};

std::vector<std::string> names(const std::vector<Driver>& drivers) {
  std::vector<std::string> all;
  for (const auto& driver : drivers) all.push_back(driver.name);
  return all;
}

TEST_F(VirtioMedia, GivesTheDriversOfARelease) {
  builder.virtio_tree("virtio", {"2k16", "2k19", "2k22", "2k25", "w11"}, 271);
  for (const auto& [release, folder] : {std::pair<Release, std::string>{Release::server_2016, "2k16"},
                                        {Release::server_2019, "2k19"},
                                        {Release::server_2022, "2k22"},
                                        {Release::server_2025, "2k25"},
                                        {Release::windows_11, "w11"}}) {
    const auto choice = choose(release);
    EXPECT_THAT(names(choice.drivers),
                ElementsAre("vioscsi", "viostor", "NetKVM", "vioserial", "Balloon", "viorng", "viogpudo", "pvpanic"));
    EXPECT_TRUE(choice.missing.empty());
    EXPECT_EQ(choice.drivers[2].inf, "NetKVM/" + folder + "/amd64/netkvm.inf");
    EXPECT_EQ(choice.drivers[2].version.text, "100.97.104.27100");
    EXPECT_EQ(choice.drivers[2].version.date, "2025-02-26");
    EXPECT_EQ(choice.drivers[2].signature, DriverSignature::attestation);
  }
}

TEST_F(VirtioMedia, IsReadFromAnIso) {
  const auto iso = builder.plain_iso("virtio-win.iso", builder.virtio_tree("virtio", {"2k25"}, 271));
  const auto medium = media::open_medium(iso);
  EXPECT_EQ(choose_drivers(*medium, Release::server_2025).drivers.size(), 8U);
  const auto agent = find_guest_agent(*medium);
  ASSERT_TRUE(agent);
  EXPECT_EQ(agent->version, "110.2.4");
}

TEST_F(VirtioMedia, RefusesStorageDriversThatDamageData) {
  builder.virtio_tree("virtio", {"2k25"}, 271);
  for (const auto* driver : {"vioscsi", "viostor"}) {
    for (const unsigned build : {272U, 285U, 294U}) {
      stamp(driver, tests::inf_text("11/01/2025,100.101.104." + std::to_string(build) + "00"));
      const auto error = error_of();
      EXPECT_EQ(error.code(), ErrorCode::precondition);
      EXPECT_THAT(error.what(), HasSubstr(driver));
      EXPECT_THAT(error.what(), HasSubstr("build " + std::to_string(build)));
      EXPECT_THAT(error.what(), HasSubstr("272 to 294"));
      EXPECT_THAT(error.hint(), HasSubstr("295 or newer"));
    }
    for (const unsigned build : {271U, 295U}) {
      stamp(driver, tests::inf_text("11/01/2025,100.101.104." + std::to_string(build) + "00"));
      EXPECT_NO_THROW((void)choose()) << driver << build;
    }
  }
}

TEST_F(VirtioMedia, RefusesThoseAlsoInUtf16) {
  builder.virtio_tree("virtio", {"2k25"}, 271);
  stamp("viostor", "\xFF\xFE" + utf16_of(tests::inf_text("11/01/2025,100.101.104.28500")));
  EXPECT_THAT(error_of().what(), HasSubstr("build 285"));
}

TEST_F(VirtioMedia, TakesTheOtherDriversOfThoseBuilds) {
  builder.virtio_tree("virtio", {"2k25"}, 271);
  stamp("NetKVM", tests::inf_text("11/01/2025,100.101.104.28500"));
  EXPECT_EQ(choose().drivers[2].version.virtio_build(), 285U);
}

TEST_F(VirtioMedia, SaysWhichReleasesItHasWhenTheWantedIsNotThere) {
  builder.virtio_tree("virtio", {"2k19", "2k22"}, 271);
  const auto error = error_of(Release::server_2025);
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("has no drivers for Windows Server 2025 (2k25/amd64); it has 2k19, 2k22"));
  EXPECT_THAT(error.hint(), HasSubstr("newer ISO"));
}

TEST_F(VirtioMedia, SaysWhenItHasNoDriversAtAll) {
  builder.write("virtio/README.TXT", "x");
  EXPECT_THAT(error_of().what(), HasSubstr("has no virtio drivers"));
}

TEST_F(VirtioMedia, NamesWhatIsMissing) {
  builder.virtio_tree("virtio", {"2k25"}, 271);
  for (const auto* driver : {"NetKVM", "pvpanic", "viogpudo"})
    fs::remove_all(builder.path("virtio/" + std::string(driver)));
  const auto choice = choose();
  EXPECT_THAT(names(choice.drivers), testing::Contains("qxldod")) << "the second driver for the display";
  ASSERT_EQ(choice.missing.size(), 2U);
  EXPECT_EQ(choice.missing[0].name, "NetKVM");
  EXPECT_TRUE(choice.missing[0].essential);
  EXPECT_EQ(choice.missing[1].name, "pvpanic");
  EXPECT_FALSE(choice.missing[1].essential);
}

TEST_F(VirtioMedia, RefusesAnInfWithoutVersionOrForAnotherArchitecture) {
  builder.virtio_tree("virtio", {"2k25"}, 271);
  stamp("vioserial", tests::inf_text("yesterday"));
  EXPECT_THAT(error_of().what(), HasSubstr("has no DriverVer that can be read"));
  stamp("vioserial", tests::inf_text("02/26/2025,100.97.104.27100", "NTARM64.10.0"));
  EXPECT_THAT(error_of().what(), HasSubstr("is not for 64-bit PCs"));
}

TEST_F(VirtioMedia, KnowsTheKindsOfSignatures) {
  const auto signature = [&](const std::string& usage) {
    std::ifstream in(builder.catalogue("x.cat", usage), std::ios::binary);
    return signature_of_catalogue(std::string{std::istreambuf_iterator<char>(in), {}});
  };
  EXPECT_EQ(signature("1.3.6.1.4.1.311.10.3.5.1"), DriverSignature::attestation);
  EXPECT_EQ(signature("1.3.6.1.4.1.311.10.3.5"), DriverSignature::whql);
  EXPECT_EQ(signature("1.3.6.1.4.1.311.10.3.6"), DriverSignature::vendor);
  EXPECT_EQ(signature_of_catalogue(""), DriverSignature::none);
  EXPECT_EQ(signature_of_catalogue("no catalogue"), DriverSignature::none);
}

TEST_F(VirtioMedia, SurvivesDamagedCataloguesAndInfs) {
  std::ifstream in(builder.catalogue("x.cat", "1.3.6.1.4.1.311.10.3.5"), std::ios::binary);
  const std::string catalogue{std::istreambuf_iterator<char>(in), {}};
  const auto inf = "\xFF\xFE" + utf16_of(tests::inf_text("11/01/2025,100.101.104.28500"));
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    for (const auto& whole : {catalogue, inf}) {
      auto damaged = whole.substr(0, round % 5 == 0 ? random() % whole.size() : whole.size());
      for (unsigned i = 0; !damaged.empty() && i < 1 + random() % 6; ++i) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      (void)signature_of_catalogue(damaged);
      const auto parsed = Inf::parse(damaged);
      (void)parsed.rows("Manufacturer");
      (void)driver_version_of(parsed.value("Version", "DriverVer").value_or(""));
    }
  }
}

TEST_F(VirtioMedia, KnowsTheGuestAgentAndWhetherItIsTooOld) {
  const auto agent = [&](const std::string& version) {
    builder.msi("agents/guest-agent/qemu-ga-x86_64.msi", version);
    auto found = find_guest_agent(*media::open_medium(builder.path("agents")));
    fs::remove_all(builder.path("agents"));
    return found;
  };
  for (const auto& [version, too_old] : {std::pair<std::string, bool>{"110.2.3", true},
                                         {"110.2.4", false},
                                         {"110.10.0", false},
                                         {"109.0.0", true},
                                         {"111", false}}) {
    const auto found = agent(version);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->version, version);
    EXPECT_EQ(found->too_old, too_old) << version;
  }
  builder.write("agents/guest-agent/qemu-ga-x86_64.msi", "no MSI");
  const auto damaged = find_guest_agent(*media::open_medium(builder.path("agents")));
  ASSERT_TRUE(damaged);
  EXPECT_EQ(damaged->version, "");
  EXPECT_FALSE(damaged->reason.empty());
  fs::remove(builder.path("agents/guest-agent/qemu-ga-x86_64.msi"));
  builder.write("agents/guest-agent/qemu-ga-i386.msi", "x");
  EXPECT_FALSE(find_guest_agent(*media::open_medium(builder.path("agents"))));
}

class OpenSshMedia : public VirtioMedia {};

TEST_F(OpenSshMedia, IsNeededByEveryReleaseButTheNewest) {
  EXPECT_EQ(choose_open_ssh(Release::server_2025, nullptr, nullptr)->source, "inbox");
  for (const auto release : {Release::server_2016, Release::server_2019, Release::server_2022, Release::windows_11}) {
    EXPECT_FALSE(choose_open_ssh(release, nullptr, nullptr));
    EXPECT_THAT(open_ssh_remedy(release), HasSubstr("--openssh"));
  }
}

TEST_F(OpenSshMedia, IsTakenFromAZipForTheRightArchitecture) {
  builder.program("zip/OpenSSH-Win64/sshd.exe", 0x8664);
  const auto zip = media::open_medium(builder.zip("OpenSSH-Win64.zip", builder.path("zip")));
  const auto found = choose_open_ssh(Release::server_2016, nullptr, zip.get());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "zip");
  EXPECT_EQ(found->path, "OpenSSH-Win64/sshd.exe");
  builder.program("zip32/OpenSSH-Win32/sshd.exe", 0x14c);
  const auto other = media::open_medium(builder.zip("OpenSSH-Win32.zip", builder.path("zip32")));
  const auto error = tests::error_of([&] { (void)choose_open_ssh(Release::server_2022, nullptr, other.get()); });
  EXPECT_THAT(error.what(), HasSubstr("is not for 64-bit PCs"));
  builder.write("zip0/readme.md", "x");
  const auto without = media::open_medium(builder.zip("other.zip", builder.path("zip0")));
  EXPECT_THAT(tests::error_of([&] { (void)choose_open_ssh(Release::server_2022, nullptr, without.get()); }).what(),
              HasSubstr("has no sshd.exe"));
}

TEST_F(OpenSshMedia, IsTakenFromTheFeaturesOnDemand) {
  builder.write("fod/LanguagesAndOptionalFeatures/OpenSSH-Server-Package~31bf3856ad364e35~amd64~~.cab", "MSCF");
  const auto iso = media::open_medium(builder.udf_iso("fod.iso", builder.path("fod")));
  const auto found = choose_open_ssh(Release::server_2022, iso.get(), nullptr);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "feature-on-demand");
  EXPECT_THAT(tests::error_of([&] { (void)choose_open_ssh(Release::server_2016, iso.get(), nullptr); }).what(),
              HasSubstr("has no OpenSSH as a Feature on Demand"));
  builder.write("empty/x.cab", "MSCF");
  const auto other = media::open_medium(builder.path("empty"));
  EXPECT_THAT(tests::error_of([&] { (void)choose_open_ssh(Release::server_2022, other.get(), nullptr); }).what(),
              HasSubstr("has no OpenSSH-Server-Package"));
}

}  // namespace
}  // namespace rescue::windows
