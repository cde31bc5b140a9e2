// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Runs rescue-image as a person does: the plan, its exit codes, and one clear error for each bad input.
#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "tests/unit/windows/media_builder.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace rescue::windows {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class RescueImage : public testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_media()) GTEST_SKIP() << "needs genisoimage, wimtools, msitools and libarchive-tools";
  }

  [[nodiscard]] static Completed rescue_image(const std::vector<std::string>& arguments) {
    Command command;
    command.argv = {RESCUE_IMAGE};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return run(command);
  }

  /// Runs a dry run with the media of this test; `more` follows.
  [[nodiscard]] Completed dry_run(const std::vector<std::string>& more = {}, const std::string& edition = "2") const {
    std::vector<std::string> arguments{"build", "windows", "--iso", iso, "--virtio", virtio, "--dry-run"};
    if (!edition.empty()) arguments.insert(arguments.end(), {"--edition", edition});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return rescue_image(arguments);
  }

  void make_media(const std::vector<tests::EditionFacts>& editions, const std::vector<std::string>& releases,
                  unsigned build = 271) {
    iso = builder.udf_iso("windows.iso", builder.windows_tree("windows", editions));
    virtio = builder.plain_iso("virtio-win.iso", builder.virtio_tree("virtio", releases, build));
  }
  void make_2025() { make_media(tests::server_editions(26100, "2025"), {"2k22", "2k25"}); }

  /// One error of one line with one hint, and nothing on stdout.
  static void expect_refusal(const Completed& result, int status, const std::string& error, const std::string& hint) {
    EXPECT_EQ(result.status, status) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(error));
    EXPECT_THAT(result.err, HasSubstr(hint));
    EXPECT_EQ(result.err.find("error: "), 0U) << result.err;
    EXPECT_EQ(result.err.find("error: ", 1), std::string::npos) << result.err;
    EXPECT_THAT(result.err, HasSubstr("\n  hint: "));
  }

  tests::MediaBuilder builder;
  std::string iso;
  std::string virtio;
};

TEST_F(RescueImage, PrintsThePlanOfAServer2025) {
  make_2025();
  const auto result = dry_run();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("windows   Windows Server 2025 build 26100.1742, amd64\n"));
  EXPECT_THAT(result.out,
              HasSubstr("edition   2 Windows Server 2025 Standard (Desktop Experience) (ServerStandard)\n"));
  EXPECT_THAT(result.out, HasSubstr("sources/install.wim of " + iso + " (UDF)"));
  EXPECT_THAT(result.out, HasSubstr("answers   firmware uefi, formats en-US, time zone UTC, computer RESCUE\n"));
  EXPECT_THAT(result.out, HasSubstr("vioscsi    100.97.104.27100   2025-02-26  attestation"));
  EXPECT_THAT(result.out, HasSubstr("agent     110.2.4 guest-agent/qemu-ga-x86_64.msi\n"));
  EXPECT_THAT(result.out, HasSubstr("openssh   from the Windows medium\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("missing")));
}

TEST_F(RescueImage, PrintsThePlanAsJson) {
  make_2025();
  const auto plan =
      Json::parse(dry_run({"--json", "--firmware", "bios", "--keyboard", "fr,us"}, "ServerDatacenter").out);
  EXPECT_EQ(plan.at("release"), "2025");
  EXPECT_EQ(plan.at("edition").at("index"), 4);
  EXPECT_EQ(plan.at("edition").at("build"), 26100);
  EXPECT_EQ(plan.at("firmware"), "bios");
  EXPECT_EQ(plan.at("boots_without_prompt"), false) << "BIOS asks while boot/bootfix.bin is there";
  EXPECT_EQ(plan.at("answers").at("keyboards"), Json({"fr", "us"}));
  EXPECT_EQ(plan.at("drivers").size(), 8U);
  EXPECT_EQ(plan.at("drivers")[0].at("build"), 271);
  EXPECT_EQ(plan.at("guest_agent").at("version"), "110.2.4");
  EXPECT_EQ(plan.at("openssh").at("source"), "inbox");
  EXPECT_EQ(plan.at("missing"), Json::array());
}

TEST_F(RescueImage, PlansFromFoldersAsFromIsos) {
  make_2025();
  iso = builder.path("windows");
  virtio = builder.path("virtio");
  EXPECT_EQ(dry_run().status, 0);
}

TEST_F(RescueImage, SaysWhatIsMissingBeforeItStarts) {
  make_media(tests::server_editions(20348, "2022"), {"2k22"});
  const auto result = dry_run();
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.out, HasSubstr("missing   OpenSSH server: Windows Server 2022 has none on its medium"));
  EXPECT_THAT(result.err, HasSubstr("--fod"));
  builder.program("ssh/OpenSSH-Win64/sshd.exe", 0x8664);
  const auto zip = builder.zip("OpenSSH-Win64.zip", builder.path("ssh"));
  const auto complete = dry_run({"--openssh", zip});
  EXPECT_EQ(complete.status, 0) << complete.err;
  EXPECT_THAT(complete.out, HasSubstr("openssh   OpenSSH-Win64/sshd.exe of " + zip));
}

TEST_F(RescueImage, ListsEditions) {
  make_2025();
  const auto result = rescue_image({"editions", "--iso", iso});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("  4  Windows Server 2025 Datacenter (Desktop Experience) (ServerDatacenter, build 26100"));
  EXPECT_EQ(Json::parse(rescue_image({"editions", "--iso", iso, "--json"}).out).size(), 4U);
}

TEST_F(RescueImage, WritesTheAnswerFileForItsOwnerWithoutAPassword) {
  make_2025();
  const auto answers = builder.path("autounattend.xml");
  ASSERT_EQ(dry_run({"--answer-file", answers, "--computer-name", "RESCUE-7"}).status, 0);
  std::ifstream in(answers);
  const std::string xml{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(xml, HasSubstr("<ComputerName>RESCUE-7</ComputerName>"));
  EXPECT_THAT(xml, HasSubstr("D:\\drivers\\vioscsi"));
  EXPECT_THAT(xml, Not(HasSubstr("AdministratorPassword")));
  EXPECT_EQ(fs::status(answers).permissions() & fs::perms::mask, fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(RescueImage, NeedsAFolderForItsResult) {
  make_2025();
  const auto result = rescue_image({"build", "windows", "--iso", iso, "--virtio", virtio, "--edition", "2"});
  expect_refusal(result, 2, "--out is missing", "Name the folder of the new image");
}

TEST_F(RescueImage, BootsFromNoFolder) {
  make_2025();
  const auto tree = builder.path("windows");
  const auto result =
      rescue_image({"build", "windows", "--iso", tree, "--virtio", virtio, "--edition", "2", "--out", "x"});
  expect_refusal(result, 3, tree + " is a folder; a machine can't boot from it", "Name the ISO itself");
}

TEST_F(RescueImage, InstallsNoStandInFromAnotherMedium) {
  make_2025();
  const auto result = rescue_image({"build", "stand-in", "--iso", iso, "--out", builder.path("x")});
  expect_refusal(result, 3, "is not the stand-in's installation medium", "images/standin/installer/build");
}

TEST_F(RescueImage, RefusesWhatIsNoIso) {
  make_2025();
  iso = builder.write("download.iso", "<html>moved</html>");
  expect_refusal(dry_run(), 3, "download.iso is neither an ISO image nor a zip", "Name the ISO or zip file");
  iso = builder.path("absent.iso");
  expect_refusal(dry_run(), 3, "absent.iso does not exist", "Name the file");
}

TEST_F(RescueImage, RefusesTheDriverIsoInThePlaceOfWindows) {
  make_2025();
  iso = virtio;
  expect_refusal(dry_run(), 3, "is not an installation medium of Windows", "Use the ISO of Windows Server");
}

TEST_F(RescueImage, RefusesAClientIsoUnlessAskedFor) {
  make_media({{"Windows 11 Pro", "Windows 11 Pro", "Professional", "Professional", "Client", 22631, 9, {"en-US"}}},
             {"w11"});
  expect_refusal(dry_run({}, "1"), 3, "Windows 11 Pro is a client Windows", "--client");
  const auto result = dry_run({"--client"}, "1");
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.out, HasSubstr("Windows 11 build 22631"));
}

TEST_F(RescueImage, RefusesAnotherArchitecture) {
  make_media({{"Windows Server 2025", "", "ServerStandard", "", "Server", 26100, 12, {"en-US"}}}, {"2k25"});
  expect_refusal(dry_run({}, "1"), 3, "is for the architecture arm64", "64-bit PCs");
}

TEST_F(RescueImage, ListsTheEditionsWhenTheWantedIsNotThere) {
  make_2025();
  expect_refusal(dry_run({}, "Essentials"), 3, "the edition 'Essentials' is not on the medium",
                 "  2  Windows Server 2025 Standard (Desktop Experience)");
}

TEST_F(RescueImage, WarnsOfAnEvaluationEditionAndOfOneWithoutAPublicKey) {
  auto editions = tests::server_editions(26100, "2025");
  editions[1].edition_id = "ServerStandardEval";
  editions[3].edition_id = "ServerTurbine";
  make_media(editions, {"2k25"});
  EXPECT_THAT(dry_run({}, "2").out, HasSubstr("shuts down every hour"));
  EXPECT_THAT(dry_run({}, "4").out, HasSubstr("no public key is known for the edition ServerTurbine"));
  const auto plain = dry_run({}, "1");
  EXPECT_THAT(plain.out, Not(HasSubstr("shuts down every hour")));
  EXPECT_THAT(plain.out, Not(HasSubstr("no public key")));
}

TEST_F(RescueImage, WritesTheLanguageAsTheEditionSpellsIt) {
  make_2025();
  const auto result = dry_run({"--language", "EN-us", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out).at("answers").at("language"), "en-US");
}

TEST_F(RescueImage, PrintsJsonForPathsThatAreNotUtf8) {
  make_2025();
  const auto odd = builder.path("windows-\xff.iso");
  fs::rename(iso, odd);
  iso = odd;
  const auto result = dry_run({"--json"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out).at("release"), "2025");
}

TEST_F(RescueImage, RefusesToListTheEditionsOfAZip) {
  const auto zip = builder.zip("windows.zip", builder.windows_tree("windows", tests::server_editions(26100, "2025")));
  expect_refusal(rescue_image({"editions", "--iso", zip}), 3, "is not an ISO image but a zip", "Microsoft's ISO");
}

TEST_F(RescueImage, RefusesADriverIsoWithoutTheVersion) {
  make_media(tests::server_editions(26100, "2025"), {"2k19", "2k22"});
  expect_refusal(dry_run(), 3, "has no drivers for Windows Server 2025 (2k25/amd64); it has 2k19, 2k22", "newer ISO");
}

TEST_F(RescueImage, RefusesStorageDriversThatDamageData) {
  make_media(tests::server_editions(26100, "2025"), {"2k25"}, 285);
  expect_refusal(dry_run(), 3, "vioscsi of " + virtio + " is build 285", "295 or newer");
}

TEST_F(RescueImage, RefusesAnIsoThatIsCutOff) {
  make_2025();
  fs::resize_file(iso, fs::file_size(iso) / 2);
  expect_refusal(dry_run(), 3, "is cut off", "checksum");
}

TEST_F(RescueImage, RefusesALanguageThatTheEditionDoesNotHave) {
  make_2025();
  expect_refusal(dry_run({"--language", "fr-FR"}), 3, "does not have the language fr-FR", "It has en-US");
}

TEST_F(RescueImage, RefusesSettingsAndOptionsThatAreWrong) {
  make_2025();
  expect_refusal(dry_run({"--time-zone", "Europe/Paris"}), 2, "'Europe/Paris' is no time zone of Windows", "UTC");
  expect_refusal(dry_run({"--keyboard", "us,dvorak"}), 2, "'dvorak' is no keyboard layout", "us, fr, de");
  expect_refusal(dry_run({"--computer-name", "TOO-LONG-FOR-NETBIOS"}), 2, "is no computer name", "15 letters");
  EXPECT_EQ(dry_run({"--firmware", "coreboot"}).status, 2);
  EXPECT_EQ(dry_run({}, "").status, 2);
  EXPECT_EQ(rescue_image({}).status, 2);
}

TEST_F(RescueImage, LeavesNoTemporaryFiles) {
  make_2025();
  Command command;
  command.argv = {RESCUE_IMAGE, "build", "windows", "--iso", iso, "--virtio", virtio, "--edition", "2", "--dry-run"};
  const auto folder = builder.path("tmp");
  fs::create_directories(folder);
  command.environment = {"TMPDIR=" + folder};
  EXPECT_EQ(run(command).status, 0);
  EXPECT_TRUE(fs::is_empty(folder));
  command.environment = {"TMPDIR=/nonexistent"};
  const auto result = run(command);
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("error: "));
}

}  // namespace
}  // namespace rescue::windows
