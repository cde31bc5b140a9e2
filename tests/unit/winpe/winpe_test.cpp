// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Runs `rescue-image build winpe` on media with the structure of Microsoft's, and reads its result with other tools. No
// Windows PE is in them.
#include "core/document.hpp"
#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "images/manifest.hpp"
#include "images/winpe/start_script.hpp"
#include "tests/unit/windows/media_builder.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace rescue::winpe {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

bool is_installed(const std::string& program) {
  try {
    Command command;
    command.argv = {program, "--version"};
    (void)run(command);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Winpe : public testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_media() || !is_installed("wixl") || !is_installed("sgdisk") || !is_installed("mformat")) {
      GTEST_SKIP() << "needs genisoimage, wimtools, msitools, wixl, libarchive-tools, gdisk and mtools";
    }
    make_windows(26100);
    virtio = builder.virtio_tree("virtio", {"2k22", "2k25"}, 271);
    make_agent();
    builder.program("ssh/OpenSSH-Win64/sshd.exe", 0x8664);
    builder.write("ssh/OpenSSH-Win64/ssh-keygen.exe", "MZ");
    zip = builder.zip("OpenSSH-Win64.zip", builder.path("ssh"));
  }

  /// Tree with the files that start Windows PE, and a boot.wim with two images.
  void make_windows(unsigned build) {
    fs::remove_all(builder.path("windows"));
    for (const char* name : {"efi/boot/bootx64.efi", "efi/microsoft/boot/bcd", "boot/boot.sdi", "bootmgr.efi"}) {
      builder.write(std::string("windows/") + name, std::string("content of ") + name);
    }
    builder.write("content/Windows/System32/startnet.cmd", "wpeinit\r\n");
    builder.wim("windows/sources/boot.wim",
                {{"Microsoft Windows PE (amd64)", "", "WindowsPE", "9", "WindowsPE", build, 9, {"en-US"}},
                 {"Microsoft Windows Setup (amd64)", "", "WindowsPE", "2", "WindowsPE", build, 9, {"en-US"}}});
  }

  /// An MSI that has qemu-ga.exe in a cabinet, as virtio-win's.
  void make_agent() {
    builder.write("agent/qemu-ga.exe", "MZ agent");
    const auto source = builder.write("agent/agent.wxs", R"(<?xml version="1.0"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Product Name="agent" Id="*" Version="110.2.4" Language="1033"
 UpgradeCode="12345678-1234-1234-1234-123456789012" Manufacturer="test"><Package/>
<Media Id="1" Cabinet="a.cab" EmbedCab="yes"/><Directory Id="TARGETDIR" Name="SourceDir">
<Directory Id="Folder" Name="Qemu-ga"><Component Id="C" Guid="12345678-1234-1234-1234-123456789013">
<File Id="F" Source="qemu-ga.exe"/></Component></Directory></Directory>
<Feature Id="All" Level="1"><ComponentRef Id="C"/></Feature></Product></Wix>)");
    const auto msi = virtio + "/guest-agent/qemu-ga-x86_64.msi";
    fs::remove(msi);
    Command command;
    command.argv = {"wixl", "--output", msi, source};
    run_checked(command);
  }

  [[nodiscard]] Completed build(const std::vector<std::string>& more = {}) const {
    Command command;
    command.argv = {RESCUE_IMAGE, "build", "winpe", "--iso", builder.path("windows"), "--virtio", virtio,
                    "--openssh",  zip,     "--out", out(),   "--image-version",       "1"};
    command.argv.insert(command.argv.end(), more.begin(), more.end());
    command.time_limit = Milliseconds(200'000);
    command.environment = {"TMPDIR=" + temporary()};
    fs::create_directories(temporary());
    return run(command);
  }
  [[nodiscard]] std::string out() const { return builder.path("out"); }
  [[nodiscard]] std::string temporary() const { return builder.path("tmp"); }

  static std::string output_of(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    return run_checked(command).out;
  }

  /// Raw copy of the resulting disk.
  [[nodiscard]] std::string disk() const {
    output_of({"qemu-img", "convert", "-f", "qcow2", "-O", "raw", out() + "/winpe-2025.qcow2", builder.path("raw")});
    return builder.path("raw");
  }
  /// Copies a file out of the EFI system partition.
  [[nodiscard]] std::string from_disk(const std::string& disk, const std::string& name) const {
    const auto target = builder.path("copied-" + fs::path(name).filename().string());
    output_of({"mcopy", "-n", "-i", disk + "@@1M", "::" + name, target});
    return target;
  }

  void expect_refusal(const std::string& error, const std::vector<std::string>& more = {}) const {
    const auto result = build(more);
    EXPECT_EQ(result.status, 3) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("error: "), HasSubstr(error), HasSubstr("\n  hint: ")));
    EXPECT_FALSE(fs::exists(out()));
    EXPECT_TRUE(fs::is_empty(temporary()));
  }

  tests::MediaBuilder builder;
  std::string virtio;
  std::string zip;
};

TEST_F(Winpe, MakesADiskThatUefiCanStart) {
  const auto result = build();
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, out() + "/winpe-2025.qcow2\n");
  const auto raw = disk();
  EXPECT_THAT(output_of({"sgdisk", "--print", raw}), HasSubstr("EF00"));
  EXPECT_THAT(output_of({"sgdisk", "--verify", raw}), HasSubstr("No problems found"));
  EXPECT_THAT(output_of({"minfo", "-i", raw + "@@1M"}),
              AllOf(HasSubstr("disk type=\"FAT32"), HasSubstr("hidden sectors: 2048\n")));
  for (const std::string name : {"efi/boot/bootx64.efi", "efi/microsoft/boot/bcd", "boot/boot.sdi", "bootmgr.efi"}) {
    EXPECT_EQ(content_of(from_disk(raw, name)), "content of " + name);
  }
  EXPECT_TRUE(fs::is_empty(temporary()));
}

TEST_F(Winpe, PutsDriversSshAndTheAgentIntoTheBootedImage) {
  ASSERT_EQ(build().status, 0);
  const auto wim = from_disk(disk(), "sources/boot.wim");
  EXPECT_THAT(output_of({"wimlib-imagex", "info", wim}),
              AllOf(HasSubstr("Image Count:    1\n"), HasSubstr("Boot Index:     1\n")));
  const auto files = output_of({"wimlib-imagex", "dir", wim, "1"});
  for (const char* file : {"/rescue/drivers/vioscsi/vioscsi.inf", "/rescue/drivers/vioscsi/vioscsi.cat",
                           "/rescue/drivers/NetKVM/netkvm.sys", "/rescue/openssh/sshd.exe",
                           "/rescue/openssh/ssh-keygen.exe", "/rescue/agent/qemu-ga.exe", "/rescue/sshd_config",
                           "/Windows/System32/winpeshl.ini", "/Windows/System32/ntoskrnl.exe"}) {
    EXPECT_THAT(files, HasSubstr(std::string("\n") + file + "\n"));
  }
  output_of({"wimlib-imagex", "extract", wim, "1", "/Windows/System32/startnet.cmd",
             "--dest-dir=" + builder.path("extracted")});
  EXPECT_EQ(content_of(builder.path("extracted/startnet.cmd")), start_script());
}

TEST_F(Winpe, DescribesItselfInAManifest) {
  ASSERT_EQ(build().status, 0);
  const auto text = content_of(out() + "/manifest.json");
  const auto manifest = images::Manifest::parse(Document::from_json("manifest", text));
  EXPECT_EQ(manifest.name, "winpe-2025");
  EXPECT_EQ(manifest.version, "1");
  EXPECT_EQ(manifest.profile.firmware, "uefi");
  EXPECT_EQ(build().status, 1) << "it must not replace an image";
}

TEST_F(Winpe, NamesAMediumThatLacksAFile) {
  fs::remove(builder.path("windows/boot/boot.sdi"));
  expect_refusal("has no boot/boot.sdi");
}

TEST_F(Winpe, NamesABootWimThatCannotBeRead) {
  builder.write("windows/sources/boot.wim", "MSWIM");
  expect_refusal("sources/boot.wim can't be read");
}

TEST_F(Winpe, RefusesABuildThatItHasNoDriversFor) {
  make_windows(20348);
  fs::remove_all(virtio + "/vioscsi/2k22");
  expect_refusal("has no driver vioscsi");
  make_windows(9600);
  expect_refusal("has the build 9600");
}

TEST_F(Winpe, RefusesAZipWithoutSshd) {
  builder.write("other/readme.txt", "no server");
  zip = builder.zip("other.zip", builder.path("other"));
  expect_refusal("has no sshd.exe");
}

TEST(WinpeScript, SetsTheSanPolicyBeforeItLoadsTheDriversOfDisks) {
  const auto script = start_script();
  EXPECT_LT(script.find("SanPolicy"), script.find("drvload.exe"));
  EXPECT_LT(script.find("wpeinit.exe"), script.find("drvload.exe"));
  EXPECT_LT(script.find("InitializeNetwork"), script.find("sshd.exe\" -f"));
}

TEST(WinpeScript, HasTheLineEndsOfWindows) {
  for (const auto& text : {start_script(), shell_settings(), ssh_settings()}) {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
      ASSERT_EQ(text[at - 1], '\r');
    }
  }
}

}  // namespace
}  // namespace rescue::winpe
