// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "inspected_image.hpp"
#include "orchestrator/domain/inspection_form.hpp"
#include "orchestrator/windows/installation.hpp"
#include "tests/unit/prepared/prepared_windows.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::windows_disk {
namespace {

using domain::WindowsRole;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string version = "Microsoft\\Windows NT\\CurrentVersion";
const std::string control = "ControlSet001\\Control\\";

/// A server as it stood in a rack: its registry says what an inspection must find.
tests::WindowsContent server_2022() {
  tests::WindowsContent content;
  content.set("SOFTWARE", version, "ProductName", std::string("Windows Server 2022 Standard"));
  content.set("SOFTWARE", version, "CurrentBuildNumber", std::string("20348"));
  content.set("SOFTWARE", version, "UBR", 2527U);
  content.set("SOFTWARE", version, "InstallDate", 1'700'000'000U);
  content.set("SYSTEM", control + "ComputerName\\ComputerName", "ComputerName", std::string("WEB-01"));
  content.set("SYSTEM", control + "TimeZoneInformation", "TimeZoneKeyName", std::string("W. Europe Standard Time"));
  content.set("SYSTEM", control + "ProductOptions", "ProductType", std::string("ServerNT"));
  content.set("SYSTEM", control + "Session Manager\\Environment", "PROCESSOR_ARCHITECTURE", std::string("AMD64"));
  content.set("SYSTEM", control + "Nls\\Language", "InstallLanguage", std::string("0407"));
  // 2026-11-30 14:05 UTC
  content.set("SYSTEM", control + "Windows", "ShutdownTime",
              tests::Binary{std::string("\x00\xce\x9d\xc9\xd3\x80\xdd\x01", 8)});
  content.set(
      "SYSTEM", "MountedDevices", "\\DosDevices\\C:",
      tests::Binary{"DMIO:ID:" + std::string("\x11\x11\x11\x11\x22\x22\x33\x33\x44\x44\x55\x55\x55\x55\x55\x55")});
  content.set("SYSTEM", "MountedDevices",
              "\\DosDevices\\D:", tests::Binary{std::string("\x4d\x3c\x2b\x1a\x00\x00\x10\x00\x00\x00\x00\x00", 12)});
  content.set("SYSTEM", "MountedDevices", "\\??\\Volume{x}", tests::Binary{"?"});
  content.set("SECURITY", "Policy", "x", 1U);
  for (const char* const name : {"winload.efi", "ntoskrnl.exe", "hal.dll"}) {
    content.files[std::string("Windows/System32/") + name] = "MZ";
  }
  content.set("DEFAULT", "Keyboard Layout\\Preload", "1", std::string("00000407"));
  return content;
}

class InspectedWindows : public ::testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_windows()) GTEST_SKIP() << "mkntfs, wimlib, qemu-img, sgdisk or mtools is not installed";
  }
  domain::DiskFacts facts_of(const tests::WindowsContent& content) {
    return inspected(maker_.make(content, "raw", "img"));
  }
  tests::PreparedWindows maker_;
};

TEST_F(InspectedWindows, IsSeenWithItsFacts) {
  const auto facts = facts_of(server_2022());
  ASSERT_EQ(facts.partitions.size(), 2U);
  ASSERT_TRUE(facts.partitions[1].ntfs.has_value());
  EXPECT_EQ(*facts.partitions[1].ntfs, domain::NtfsState{});
  ASSERT_EQ(facts.windows.size(), 1U);
  const auto& windows = facts.windows[0];
  EXPECT_EQ(windows.partition, 2U);
  EXPECT_EQ(windows.folder, "Windows");
  EXPECT_EQ(windows.product, "Windows Server 2022 Standard");
  EXPECT_EQ(windows.edition, "ServerStandard");
  EXPECT_EQ(windows.build, "20348.2527");
  EXPECT_EQ(windows.architecture, "x86_64");
  EXPECT_EQ(windows.computer_name, "WEB-01");
  EXPECT_EQ(windows.time_zone, "W. Europe Standard Time");
  EXPECT_EQ(windows.language, "0407");
  EXPECT_EQ(windows.keyboard, "00000407");
  EXPECT_EQ(windows.role, WindowsRole::server);
  ASSERT_TRUE(windows.installed.has_value());
  EXPECT_EQ(rfc3339(*windows.installed), "2023-11-14T22:13:20.000Z");
  ASSERT_TRUE(windows.last_shutdown.has_value());
  EXPECT_EQ(rfc3339(*windows.last_shutdown), "2026-11-30T14:05:00.000Z");
  EXPECT_THAT(windows.dirty_hives, IsEmpty());
  EXPECT_THAT(windows.damaged_hives, IsEmpty());
  EXPECT_THAT(windows.missing_files, IsEmpty());
  EXPECT_TRUE(windows.uefi_loader);
  EXPECT_FALSE(windows.bios_loader);
  ASSERT_EQ(facts.boot.size(), 1U);
  EXPECT_EQ(facts.boot[0].partition, 1U);
  EXPECT_EQ(facts.boot[0].problem, "");
  EXPECT_EQ(facts.boot[0].store, domain::BootStore::absent) << "the system partition is empty";
  EXPECT_FALSE(windows.update_pending);
  EXPECT_THAT(windows.letters, ElementsAre(domain::DriveLetter{"C", "11111111-2222-3333-4444-555555555555", "", 0},
                                           domain::DriveLetter{"D", "", "1a2b3c4d", 1U << 20U}));
}

TEST_F(InspectedWindows, IsWindows11IfItsBuildSaysSo) {
  auto content = server_2022();
  content.set("SOFTWARE", version, "ProductName", std::string("Windows 10 Pro"));
  content.set("SOFTWARE", version, "CurrentBuildNumber", std::string("26100"));
  content.set("SYSTEM", control + "ProductOptions", "ProductType", std::string("WinNT"));
  const auto facts = facts_of(content);
  EXPECT_EQ(facts.windows.at(0).product, "Windows 11 Pro");
  EXPECT_EQ(facts.windows.at(0).role, WindowsRole::workstation);
}

TEST_F(InspectedWindows, IsADomainControllerWithAPendingUpdateAndDumps) {
  auto content = server_2022();
  content.set("SYSTEM", control + "ProductOptions", "ProductType", std::string("LanmanNT"));
  content.files["Windows/WinSxS/pending.xml"] = "<PendingTransaction/>";
  content.files["Windows/MEMORY.DMP"] = "PAGEDU64";
  content.files["Windows/Minidump/112926-1234-01.dmp"] = "PAGEDU64";
  const auto facts = facts_of(content);
  EXPECT_EQ(facts.windows.at(0).role, WindowsRole::domain_controller);
  EXPECT_TRUE(facts.windows.at(0).update_pending);
  EXPECT_THAT(facts.windows.at(0).crash_dumps,
              ElementsAre("Windows/MEMORY.DMP", "Windows/Minidump/112926-1234-01.dmp"));
}

TEST_F(InspectedWindows, HasTheStateOfItsVolumeAndHives) {
  auto content = server_2022();
  content.volume_is_dirty = true;
  content.dirty_hives = {"SYSTEM"};
  content.files["hiberfil.sys"] = "hibr" + std::string(8188, '\0');
  const auto facts = facts_of(content);
  ASSERT_TRUE(facts.partitions.at(1).ntfs.has_value());
  EXPECT_TRUE(facts.partitions[1].ntfs->dirty);
  EXPECT_TRUE(facts.partitions[1].ntfs->hibernated);
  EXPECT_THAT(facts.windows.at(0).dirty_hives, ElementsAre("SYSTEM"));
}

TEST_F(InspectedWindows, IsSeenWithADamagedRegistry) {
  auto content = server_2022();
  content.registry.clear();
  content.files["Windows/System32/config/SYSTEM"] = "regf" + std::string(8188, '\x41');
  content.files["Windows/System32/config/SOFTWARE"] = "";
  const auto facts = facts_of(content);
  ASSERT_EQ(facts.windows.size(), 1U);
  EXPECT_THAT(facts.windows[0].damaged_hives, ElementsAre("SOFTWARE", "SYSTEM"));
  EXPECT_EQ(facts.windows[0].role, WindowsRole::unknown);
}

TEST_F(InspectedWindows, LacksFilesThatItStartsWith) {
  auto content = server_2022();
  content.files.erase("Windows/System32/winload.efi");
  content.files.erase("Windows/System32/ntoskrnl.exe");
  content.files["Windows/System32/hal.dll"] = "";
  const auto facts = facts_of(content);
  EXPECT_THAT(facts.windows.at(0).missing_files, ElementsAre("System32/ntoskrnl.exe", "System32/hal.dll"))
      << "an empty file is none";
  EXPECT_FALSE(facts.windows.at(0).uefi_loader);
}

TEST_F(InspectedWindows, IsFoundOnAnMbrDisk) {
  auto content = server_2022();
  content.mbr = true;
  const auto facts = facts_of(content);
  EXPECT_EQ(facts.table, domain::TableKind::mbr);
  EXPECT_EQ(facts.windows.size(), 1U);
}

TEST_F(InspectedWindows, IsWhatTheProgramSays) {
  const auto image = maker_.make(server_2022(), "raw", "img");
  const FileDescriptor file(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
  Command command;
  command.argv = {RESCUE_INSPECT};
  command.input_descriptor = file.get();
  const auto completed = run_checked(command);
  EXPECT_EQ(domain::to_json(domain::disk_facts_from(completed.out)), domain::to_json(inspected(image)));
  EXPECT_EQ(completed.err, "");
}

TEST_F(InspectedWindows, IsReadFromALargeDiskByTheProgram) {
  const auto image = maker_.make(server_2022(), "raw", "img");
  constexpr std::uintmax_t two_tebibytes = std::uintmax_t{2} << 40U;
  std::filesystem::resize_file(image, two_tebibytes);
  const FileDescriptor file(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
  Command command;
  command.argv = {RESCUE_INSPECT};
  command.input_descriptor = file.get();
  const auto facts = domain::disk_facts_from(run_checked(command).out);
  EXPECT_EQ(facts.bytes, two_tebibytes);
  EXPECT_EQ(facts.windows.size(), 1U);
}

TEST_F(InspectedWindows, IsNotSaidToBeDamagedIfThereIsNoRoomForCopies) {
  const auto image = maker_.make(server_2022(), "raw", "img");
  const FileDescriptor file(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_THROW((void)inspect(file.get(), "/nowhere"), Error) << "no fault of the disk";
}

TEST(DriveLetters, LeaveOutWhatTheyCantRead) {
  const nlohmann::ordered_json values{{"\\DosDevices\\E:", "00"},
                                      {"\\DosDevices\\F:", 7},
                                      {"\\DosDevices\\", "4d3c2b1a0000100000000000"},
                                      {"\\DosDevices\\{:", "4d3c2b1a0000100000000000"},
                                      {"\\DosDevices\\GG:", "4d3c2b1a0000100000000000"},
                                      {"\\DosDevices\\H:", "4d3c2b1a00001000000000zz"},
                                      {"\\DosDevices\\I:", "4d3c2b1a0000100000000000"}};
  EXPECT_THAT(letters_in(values), ElementsAre(domain::DriveLetter{"I", "", "1a2b3c4d", 1U << 20U}));
  EXPECT_THAT(letters_in(nullptr), IsEmpty());
}

TEST_F(InspectedWindows, DoesNotReadHivesThatWofHasCompressed) {
  auto content = server_2022();
  content.wof_compressed = {"Windows/System32/config/SAM"};
  const auto facts = facts_of(content);
  ASSERT_EQ(facts.windows.size(), 1U);
  EXPECT_THAT(facts.windows[0].compressed_hives, ElementsAre("SAM"));
  EXPECT_THAT(facts.windows[0].damaged_hives, IsEmpty());
}

}  // namespace
}  // namespace rescue::windows_disk
