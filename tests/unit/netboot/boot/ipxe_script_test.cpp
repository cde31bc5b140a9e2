// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "netboot/ipxe/script.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace rescue::netboot::ipxe {
namespace {

/// Compares with tests/golden/ipxe/NAME.ipxe; RESCUE_TEST_ACCEPT=1 writes it instead.
void expect_golden(const std::string& name, const std::string& script) {
  const auto path = std::string(RESCUE_SOURCE_DIR "/tests/golden/ipxe/") + name + ".ipxe";
  if (std::getenv("RESCUE_TEST_ACCEPT") != nullptr) write_file_atomically(path, script, 0644);
  EXPECT_EQ(read_file_if_exists(path).value_or("(no such file)"), script) << path;
}

Disk example(Firmware firmware, const std::string& loader = "") { return {firmware, loader}; }

const KernelBoot boot{"http://192.0.2.10/rescue/vmlinuz",
                      {"http://192.0.2.10/rescue/initrd.img"},
                      "http://192.0.2.10/rescue/filesystem.squashfs",
                      "boot=rescue panic=30",
                      3};
const SecondInitrd second{"http://192.0.2.10:8470/boot/52-54-00-12-34-56/rescue-boot.cpio", Milliseconds(20'000)};
constexpr auto loader = R"(\EFI\Microsoft\Boot\bootmgfw.efi)";

TEST(IpxeScript, BootsTheDiskOnBios) {
  expect_golden("disk-bios", disk_script(example(Firmware::bios), "web-01: disk"));
}

TEST(IpxeScript, GoesOnInTheBootOrderOnUefi) {
  expect_golden("disk-uefi", disk_script(example(Firmware::uefi), "web-01: disk"));
}

TEST(IpxeScript, BootsTheRegisteredLoaderOnUefi) {
  expect_golden("disk-uefi-loader", disk_script(example(Firmware::uefi, loader), "web-01: disk"));
}

TEST(IpxeScript, AsksTheFirmwareWhenTheServerIsUnknown) {
  expect_golden("disk-unknown", disk_script_for_unknown("52:54:00:12:34:56 belongs to no server known here: disk"));
}

TEST(IpxeScript, LoadsTheRescueSystemOnBios) {
  expect_golden("rescue-windows-bios", boot_script(example(Firmware::bios), boot, second, "web-01: rescue-windows"));
}

TEST(IpxeScript, LoadsTheRescueSystemOnUefi) {
  expect_golden("rescue-windows-uefi",
                boot_script(example(Firmware::uefi, loader), boot, second, "web-01: rescue-windows"));
}

TEST(IpxeScript, LeavesOutWhatIsNotConfigured) {
  auto bare = boot;
  bare.squashfs_url.clear();
  bare.arguments.clear();
  expect_golden("rescue-windows-bare",
                boot_script(example(Firmware::uefi), bare, std::nullopt, "web-01: rescue-windows"));
}

TEST(IpxeScript, LoadsAsManyInitrdsAsThereAre) {
  const KernelBoot memory_test{"http://192.0.2.10/memtest64.efi", {}, "", "", 1};
  expect_golden("kernel-alone", boot_script(example(Firmware::uefi), memory_test, std::nullopt, "web-01: memory-test"));
  const KernelBoot several{"http://192.0.2.10/k", {"http://192.0.2.10/a", "http://192.0.2.10/b"}, "", "quiet", 2};
  expect_golden("kernel-initrds", boot_script(example(Firmware::bios), several, second, "web-01: own"));
}

TEST(IpxeScript, ChainsToAScriptOfTheOperators) {
  const ScriptBoot own{"http://192.0.2.10/installer.ipxe", 2};
  expect_golden("script-uefi", boot_script(example(Firmware::uefi, loader), own, std::nullopt, "web-01: installer"));
  expect_golden("script-bios", boot_script(example(Firmware::bios), own, second, "web-01: installer"));
}

TEST(IpxeScript, AsksForTheSecondInitrdLongerThanAHostAgentCountsAsAlive) {
  const auto script = boot_script(example(Firmware::bios), boot, second, "web-01: rescue-windows");
  EXPECT_NE(script.find("iseq ${waits} 6 && goto failed"), std::string::npos) << "five pauses of 5 s: 25 s\n" << script;
}

TEST(IpxeScript, KeepsItsCommentOnOneLine) {
  const auto script = disk_script_for_unknown("first\nshell\r");
  EXPECT_EQ(script.find("\nshell"), std::string::npos);
}

}  // namespace
}  // namespace rescue::netboot::ipxe
