// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Runs `rescue-image import` as a person does, on disks that real tools have made.
#include "core/document.hpp"
#include "core/subprocess.hpp"
#include "images/chunks.hpp"
#include "images/manifest.hpp"
#include "images/store.hpp"
#include "tests/unit/prepared/prepared_windows.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <iterator>

namespace rescue::prepared {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Import : public testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_windows()) GTEST_SKIP() << "needs ntfs-3g, wimtools, qemu-utils, gdisk and mtools";
  }

  [[nodiscard]] static Completed rescue_image(const std::vector<std::string>& arguments) {
    Command command;
    command.argv = {RESCUE_IMAGE, "import"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.time_limit = Milliseconds(120'000);
    return run(command);
  }
  [[nodiscard]] std::string out() const { return windows.path("out"); }

  /// Ids of the points that a dry run names as missing, from an image that has some.
  [[nodiscard]] static std::vector<std::string> missing(const std::string& image) {
    const auto result = rescue_image({image, "--dry-run", "--json"});
    EXPECT_EQ(result.status, 3) << result.err;
    std::vector<std::string> ids;
    const auto answer = Json::parse(result.out);
    for (const auto& point : answer.at("points")) {
      if (!point.at("kept").get<bool>()) ids.push_back(point.at("id"));
    }
    return ids;
  }

  /// One error with one hint, and nothing in the folder of the results.
  void expect_refusal(const std::string& image, const std::string& error) const {
    const auto result = rescue_image({image, "--out", out()});
    EXPECT_EQ(result.status, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr(error));
    EXPECT_THAT(result.err, HasSubstr("\n  hint: "));
    const auto first = result.err.find("error: ");
    EXPECT_EQ(result.err.find("error: ", first + 1), std::string::npos) << result.err;
    EXPECT_TRUE(!fs::exists(out()) || fs::is_empty(out()));
  }

  tests::PreparedWindows windows;
};

TEST_F(Import, MakesAPublishedImageOfAVhdx) {
  const auto source = windows.make({}, "vhdx", "vhdx");
  const auto result = rescue_image({source, "--out", out(), "--image-version", "7"});
  ASSERT_EQ(result.status, 0) << result.err << result.out;
  const auto file = out() + "/windows-2025.qcow2";
  EXPECT_THAT(result.out, HasSubstr("image    " + file));
  std::ifstream in(out() + "/manifest.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto manifest = images::Manifest::parse(Document::from_json("manifest", text));
  EXPECT_EQ(manifest.version, "7");
  EXPECT_EQ(manifest.profile.os, "windows");
  EXPECT_EQ(manifest.profile.firmware, "uefi");
  ASSERT_TRUE(manifest.system_disk().chunks);
  EXPECT_EQ(images::ChunkDigests::verified(file + ".chunks", manifest.system_disk().chunks->sha256).file_size(),
            fs::file_size(file));
  windows.run_here({"qemu-img", "compare", "-f", "vhdx", "-F", "qcow2", source, file});
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(out())) names.push_back(entry.path().filename());
  EXPECT_THAT(names, testing::UnorderedElementsAre("manifest.json", "report.json", "windows-2025.qcow2",
                                                   "windows-2025.qcow2.chunks"));
  EXPECT_NE(rescue_image({source, "--out", out()}).status, 0) << "it must not replace an image";
}

TEST_F(Import, SignsTheManifest) {
  const auto source = windows.make({});
  windows.run_here({"minisign", "-G", "-W", "-p", windows.path("key.pub"), "-s", windows.path("key")});
  ASSERT_EQ(rescue_image({source, "--out", out(), "--key", windows.path("key")}).status, 0);
  const images::Store store(out() + "/manifest.json", windows.path("key.pub"), windows.path("cache"));
  EXPECT_EQ(store.manifest().name, "windows-2025");
}

TEST_F(Import, WritesNothingWhenTheKeyCannotBeUsed) {
  const auto key = windows.write("key", "untrusted comment: not a key\n");
  fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
  const auto result = rescue_image({windows.make({}), "--out", out(), "--key", key});
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err, HasSubstr(key + " is not a secret key of minisign"));
  EXPECT_FALSE(fs::exists(out()));
}

TEST_F(Import, AcceptsBothKindsOfVhd) {
  for (const char* extension : {"vhd", "fixed.vhd"}) {
    const auto result = rescue_image({windows.make({}, "vpc", extension), "--dry-run"});
    EXPECT_EQ(result.status, 0) << extension << result.err << result.out;
  }
}

TEST_F(Import, AcceptsADiskForBios) {
  tests::WindowsContent content;
  content.mbr = true;
  const auto result = rescue_image({windows.make(content), "--dry-run", "--json"});
  EXPECT_EQ(result.status, 0) << result.err << result.out;
  EXPECT_EQ(Json::parse(result.out).at("firmware"), "bios");
}

TEST_F(Import, DoesNotChangeTheSource) {
  const auto source = windows.make({}, "vpc", "vhd");
  const auto before = images::ChunkDigests::of_file(source).content();
  ASSERT_EQ(rescue_image({source, "--out", out()}).status, 0);
  EXPECT_EQ(images::ChunkDigests::of_file(source).content(), before);
}

TEST_F(Import, NamesEveryPointOfABareWindowsWithItsRemedy) {
  tests::WindowsContent content;
  content.registry.clear();
  content.files.clear();
  content.set("SYSTEM", "Select", "Current", 1U);
  content.set("SOFTWARE", "Microsoft\\Windows NT\\CurrentVersion", "CurrentBuildNumber", std::string("20348"));
  const auto image = windows.make(content);
  const auto result = rescue_image({image, "--out", out()});
  EXPECT_EQ(result.status, 3);
  for (const char* line : {"MISSING  QEMU's guest agent starts by itself", "MISSING  the SSH server starts by itself",
                           "MISSING  the firewall lets SSH in, on every profile", "sc.exe config sshd start= auto"}) {
    EXPECT_THAT(result.out, HasSubstr(line));
  }
  EXPECT_THAT(result.err, HasSubstr("points of its contract"));
  EXPECT_FALSE(fs::exists(out()));
}

TEST_F(Import, NamesADirtyVolume) {
  tests::WindowsContent content;
  content.volume_is_dirty = true;
  EXPECT_THAT(missing(windows.make(content)), ElementsAre("volume-clean"));
}

TEST_F(Import, NamesAHibernatedWindows) {
  tests::WindowsContent content;
  content.files["hiberfil.sys"] = "hibr" + std::string(8192, '\0');
  EXPECT_THAT(missing(windows.make(content)), ElementsAre("not-hibernated", "no-hibernation-file"));
  content.files["hiberfil.sys"] = std::string(8192, '\0');
  EXPECT_THAT(missing(windows.make(content)), ElementsAre("no-hibernation-file"));
}

TEST_F(Import, NamesAHiveWithOpenChanges) {
  tests::WindowsContent content;
  content.dirty_hives = {"SOFTWARE"};
  EXPECT_THAT(missing(windows.make(content)), ElementsAre("hive-clean-SOFTWARE"));
}

TEST_F(Import, NamesADriverThatIsCompressedByWof) {
  tests::WindowsContent content;
  content.wof_compressed = {
      "Windows/System32/DriverStore/FileRepository/viostor.inf_amd64_0123456789abcdef/viostor.inf"};
  const auto image = windows.make(content);
  EXPECT_THAT(missing(image), ElementsAre("viostor-version"));
  EXPECT_THAT(rescue_image({image, "--dry-run"}).out, HasSubstr("compressed by WOF"));
}

TEST_F(Import, NamesARecoveryPartition) {
  for (const bool mbr : {false, true}) {
    tests::WindowsContent content;
    content.recovery_partition = true;
    content.mbr = mbr;
    EXPECT_THAT(missing(windows.make(content)), ElementsAre("no-recovery-partition")) << mbr;
  }
}

TEST_F(Import, NamesADiskWithoutWindows) {
  tests::WindowsContent content;
  content.registry.clear();
  EXPECT_THAT(missing(windows.make(content)), ElementsAre("one-windows"));
}

TEST_F(Import, NamesASecondWindows) {
  tests::WindowsContent content;
  content.files["Windows.old/System32/config/SYSTEM"] = "regf";
  EXPECT_THAT(missing(windows.make(content)), ElementsAre("one-windows"));
}

TEST_F(Import, NamesADiskWithoutPartitions) {
  const auto raw = windows.write("empty.raw", std::string(1U << 20U, '\0'));
  windows.run_here({"qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, windows.path("empty.qcow2")});
  EXPECT_THAT(missing(windows.path("empty.qcow2")), ElementsAre("partition-table"));
}

TEST_F(Import, SurvivesHivesThatAreGarbage) {
  tests::WindowsContent content;
  content.registry.clear();
  for (const char* hive : {"SYSTEM", "SOFTWARE", "SAM"}) {
    content.files[std::string("Windows/System32/config/") + hive] = "regf" + std::string(9000, '\xff');
  }
  const auto ids = missing(windows.make(content));
  EXPECT_THAT(ids,
              testing::IsSupersetOf({"hive-clean-SYSTEM", "hive-clean-SOFTWARE", "hive-clean-SAM", "sshd-starts"}));
}

TEST_F(Import, RefusesWhatIsNoImage) {
  expect_refusal(windows.write("page.vhdx", "<html>moved</html>"), "is not a VHD, VHDX or qcow2");
  expect_refusal(windows.path("absent.vhdx"), "is not a file");
  expect_refusal(windows.write("empty.vhd", ""), "is not a VHD, VHDX or qcow2");
}

TEST_F(Import, RefusesFilesThatAreCutOff) {
  for (const auto& [format, extension] :
       std::vector<std::pair<std::string, std::string>>{{"vpc", "vhd"}, {"vhdx", "vhdx"}, {"qcow2", "qcow2"}}) {
    const auto image = windows.make({}, format, extension);
    fs::resize_file(image, fs::file_size(image) / 2);
    expect_refusal(image, format == "vhdx" ? "truncated" : "cut off");
  }
}

TEST_F(Import, RefusesAnOverlay) {
  const auto base = windows.make({});
  windows.run_here(
      {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, windows.path("overlay.qcow2")});
  expect_refusal(windows.path("overlay.qcow2"), "it is an overlay");
}

TEST_F(Import, RefusesNamesThatAreNoFileNames) {
  const auto image = windows.make({});
  for (const char* name : {"../x", "A", ".hidden", "a b"}) {
    EXPECT_EQ(rescue_image({image, "--out", out(), "--name", name}).status, 2) << name;
  }
  EXPECT_EQ(rescue_image({image}).status, 2);
  EXPECT_FALSE(fs::exists(out()));
}

}  // namespace
}  // namespace rescue::prepared
