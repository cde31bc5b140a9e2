// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Verifications without a boot: images with faults in their file, and the forms of results.
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/store.hpp"
#include "images/verify/verification.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <tuple>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using verify::Result;

constexpr std::uint64_t disk_size = std::uint64_t{16} << 20U;

void run_tool(std::vector<std::string> argv, std::string input = {}) {
  Command command;
  command.argv = std::move(argv);
  command.input = std::move(input);
  run_checked(command);
}

class ImageFileChecks : public ::testing::Test {
protected:
  /// Makes a disk with this table (sfdisk's script), as qcow2.
  void make_disk(const std::string& table) {
    scratch_.write("raw", "");
    std::filesystem::resize_file(scratch_.file("raw"), disk_size);
    if (!table.empty()) run_tool({"/usr/sbin/sfdisk", "--quiet", scratch_.file("raw")}, table);
    run_tool({"qemu-img", "convert", "-f", "raw", "-O", "qcow2", scratch_.file("raw"), disk_});
  }
  void write_manifest(const std::string& firmware = "uefi", const std::string& os = "standin") {
    const json manifest{{"format", 1},
                        {"name", "x"},
                        {"version", "1"},
                        {"profile", {{"os", os}, {"firmware", firmware}, {"disk_bus", "virtio-scsi"}}},
                        {"files",
                         {{{"name", "disk.qcow2"},
                           {"role", "system-disk"},
                           {"format", "qcow2"},
                           {"size", std::filesystem::file_size(disk_)},
                           {"virtual_size", disk_size},
                           {"sha256", images::sha256_of_file(disk_)}}}}};
    scratch_.write("manifest.json", manifest.dump());
  }
  /// Checks the file only: without C6 nothing boots.
  verify::Verification verify_file() {
    const ScratchFolder work;
    verify::Subject::Settings settings;
    settings.manifest = scratch_.file("manifest.json");
    settings.scratch = work.file("");
    verify::Hooks hooks;
    hooks.progress = [](const std::string&) {};
    verify::Subject subject(settings, hooks.progress);
    return verify::verify(subject, {"C6"}, hooks);
  }
  /// Numbers of the points that fail.
  std::string failures() {
    std::string numbers;
    for (const auto& outcome : verify_file().outcomes) {
      if (outcome.verdict.result == Result::fail) numbers += std::string(outcome.point->number) + " ";
    }
    return numbers;
  }

  static constexpr auto good_table_ = "label: gpt\nsize=2MiB, type=U\nsize=4MiB, type=L\n";
  const ScratchFolder scratch_;
  const std::string disk_ = scratch_.file("disk.qcow2");
};

TEST_F(ImageFileChecks, PassForAGoodFile) {
  make_disk(good_table_);
  write_manifest();
  const auto verification = verify_file();
  for (const auto& [point, verdict, took] : verification.outcomes) {
    const bool of_file = point->number.size() == 2 && point->number[1] < '6';
    EXPECT_EQ(verdict.result, of_file ? Result::pass : Result::not_applicable) << point->number << verdict.detail;
    EXPECT_TRUE(of_file || !verdict.detail.empty()) << point->number << " is left out without a reason";
  }
  EXPECT_FALSE(verification.machine);
}

TEST_F(ImageFileChecks, FindAChangedFile) {
  make_disk(good_table_);
  write_manifest();
  run_tool({"qemu-img", "amend", "-f", "qcow2", "-o", "lazy_refcounts=on", disk_});
  EXPECT_EQ(failures(), "C1 ");
}

TEST_F(ImageFileChecks, FindAnIncompleteFile) {
  make_disk(good_table_);
  std::filesystem::rename(disk_, scratch_.file("base.qcow2"));
  vm::make_overlay(disk_, scratch_.file("base.qcow2"), vm::DiskFormat::qcow2);
  write_manifest();
  EXPECT_EQ(failures(), "C2 ");
}

TEST_F(ImageFileChecks, FindInternalSnapshots) {
  make_disk(good_table_);
  run_tool({"qemu-img", "snapshot", "-c", "forgotten", disk_});
  write_manifest();
  EXPECT_EQ(failures(), "C2 ");
}

TEST_F(ImageFileChecks, FindATableThatDoesNotFitTheFirmware) {
  make_disk("label: dos\nsize=2MiB, type=7, bootable\n");
  write_manifest("uefi");
  EXPECT_EQ(failures(), "C3 ");
  write_manifest("bios");
  EXPECT_EQ(failures(), "");
  make_disk("label: gpt\nsize=2MiB, type=L\n");
  write_manifest("uefi");
  EXPECT_EQ(failures(), "C3 ");
  make_disk("");
  write_manifest("bios");
  EXPECT_EQ(failures(), "C3 C4 C5 ");
}

TEST_F(ImageFileChecks, FindARecoveryPartition) {
  make_disk(std::string(good_table_) + "size=1MiB, type=DE94BBA4-06D1-4D40-A16A-BFD50179D6AC\n");
  write_manifest();
  EXPECT_EQ(failures(), "C4 ");
  make_disk("label: dos\nsize=2MiB, type=27\n");
  write_manifest("bios");
  EXPECT_EQ(failures(), "C4 ");
}

TEST_F(ImageFileChecks, FindAnIdentifierThatIsNotRandom) {
  for (const auto* id : {"00000000-0000-0000-0000-000000000000", "11111111-2222-1333-8444-555555555555"}) {
    make_disk(std::string(good_table_).insert(11, fmt::format("label-id: {}\n", id)));
    write_manifest();
    EXPECT_EQ(failures(), "C5 ") << id;
  }
}

TEST_F(ImageFileChecks, AreNotTheImagesFaultWithoutAnImage) {
  make_disk(good_table_);
  write_manifest();
  std::filesystem::remove(disk_);
  EXPECT_EQ(error_of([&] { (void)verify_file(); }).code(), ErrorCode::not_found);
}

TEST_F(ImageFileChecks, GiveEachKindASecondDiskWithAFileSystemOfItsOwn) {
  make_disk(good_table_);
  constexpr std::size_t partition = std::size_t{1} << 20U;
  for (const auto& [os, at, magic] : {std::tuple{"windows", 3, "NTFS    "}, std::tuple{"standin", 0x438, "\x53\xef"}}) {
    write_manifest("uefi", os);
    verify::Subject::Settings settings;
    settings.manifest = scratch_.file("manifest.json");
    settings.scratch = scratch_.file("");
    const verify::Subject subject(settings, [](const std::string&) {});
    const auto disk = std::filesystem::file_size(subject.second_disk());
    EXPECT_EQ(disk, verify::Subject::second_disk_sectors * verify::sector);
    std::ifstream file(subject.second_disk(), std::ios::binary);
    file.seekg(static_cast<std::streamoff>(partition) + at);
    std::string bytes(std::string(magic).size(), '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    EXPECT_EQ(bytes, magic) << os;
  }
}

TEST_F(ImageFileChecks, LeaveTheImageAlone) {
  make_disk(good_table_);
  write_manifest();
  const auto before = images::sha256_of_file(disk_);
  (void)verify_file();
  EXPECT_EQ(images::sha256_of_file(disk_), before);
}

class Results : public ::testing::Test {
protected:
  Results() {
    verification_.image = "server";
    verification_.version = "1";
    verification_.machine = vm::MachineFacts{"7.2.22", "pc-q35-7.2", "/usr/share/OVMF/OVMF_CODE_4M.fd", false, ""};
    const auto& points = verify::contract();
    verification_.outcomes = {{&points[0], verify::passed("4 bytes"), Milliseconds(5)},
                              {&points[1], verify::failed("first line\nsecond line"), Milliseconds(6)},
                              {&points[2], verify::not_applicable("can't be checked without C2"), Milliseconds(0)}};
  }
  verify::Verification verification_;
  const ScratchFolder scratch_;
};

TEST_F(Results, AreATableWithDetailAndRemedy) {
  EXPECT_EQ(verify::text_of(verification_),
            "C1   pass            the image's file has the size and SHA-256 of the manifest\n"
            "                     4 bytes\n"
            "C2   fail            the image is one complete, clean file of the size in the manifest\n"
            "                     first line\n"
            "                     second line\n"
            "                     Remedy: Convert it with `qemu-img convert`, and shut the guest down before.\n"
            "C3   not-applicable  the partition table fits the firmware of the profile\n"
            "                     can't be checked without C2\n"
            "server 1: 1 passed, 1 failed, 1 do not apply\n");
}

TEST_F(Results, AreJson) {
  const auto result = verify::json_of(verification_);
  EXPECT_EQ(result["passed"], false);
  EXPECT_EQ(result["machine"], "pc-q35-7.2");
  EXPECT_EQ(result["results"][1]["point"], "C2");
  EXPECT_EQ(result["results"][1]["result"], "fail");
  EXPECT_THAT(result["results"][1]["remedy"].get<std::string>(), HasSubstr("qemu-img convert"));
  EXPECT_EQ(result["results"][2]["result"], "not-applicable");
  EXPECT_FALSE(result["results"][0].contains("remedy"));
}

TEST_F(Results, AreRecordedBesideTheOtherFieldsOfAManifest) {
  const auto path = scratch_.write("manifest.json", R"({"manifest": 2, "name": "server", "later": {"b": 1, "a": 2}})");
  verify::record(verification_, path);
  const auto first = nlohmann::ordered_json::parse(read_file(path));
  EXPECT_EQ(first["later"].dump(), R"({"b":1,"a":2})");
  EXPECT_EQ(first["contract"]["qemu"], "7.2.22");
  EXPECT_EQ(
      first["contract"]["results"].dump(),
      R"([{"point":"C1","result":"pass"},{"point":"C2","result":"fail"},{"point":"C3","result":"not-applicable"}])");
  verify::record(verification_, path);
  EXPECT_EQ(nlohmann::ordered_json::parse(read_file(path)), first);
}

TEST_F(Results, AreNotRecordedInAManifestOfFormat1) {
  const auto path = scratch_.write("manifest.json", R"({"format": 1, "name": "server"})");
  EXPECT_EQ(error_of([&] { verify::record(verification_, path); }).code(), ErrorCode::precondition);
  EXPECT_THAT(read_file(path), Not(HasSubstr("contract")));
}

}  // namespace
}  // namespace rescue::tests
