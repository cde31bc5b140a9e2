// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Starts a boot disk in QEMU with OVMF. systemd-boot stands in for Microsoft's boot manager: shows that UEFI finds the
// partition, reads its FAT32, and starts \EFI\BOOT\BOOTX64.EFI; not that Windows PE starts.
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/winpe/boot_disk.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/wait_until.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace rescue::winpe {
namespace {

namespace fs = std::filesystem;

constexpr const char* firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd";
constexpr const char* variables = "/usr/share/OVMF/OVMF_VARS_4M.fd";
constexpr const char* boot_manager = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi";

/// QEMU in the background, ended with this object.
class Machine {
public:
  Machine(const tests::ScratchFolder& folder, const std::string& disk) : log_(folder.file("serial.log")) {
    const auto own_variables = folder.file("variables.fd");
    fs::copy_file(variables, own_variables);
    Command command;
    command.argv = {"qemu-system-x86_64", "-machine", "q35,accel=tcg", "-m", "512", "-display", "none", "-nic", "none"};
    const auto add = [&command](const std::string& option, const std::string& value) {
      command.argv.insert(command.argv.end(), {option, value});
    };
    add("-drive", std::string("if=pflash,format=raw,readonly=on,file=") + firmware);
    add("-drive", "if=pflash,format=raw,file=" + own_variables);
    add("-device", "virtio-scsi-pci");
    add("-drive", "if=none,id=disk,format=raw,file=" + disk);
    add("-device", "scsi-hd,drive=disk,bootindex=0");
    add("-serial", "file:" + log_);
    add("-pidfile", folder.file("pid"));
    command.argv.emplace_back("-daemonize");
    run_checked(command);
    pid_ = static_cast<pid_t>(std::stoi(read_file(folder.file("pid"))));
  }
  ~Machine() { ::kill(pid_, SIGKILL); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] bool prints(const std::string& text) const {
    const auto printed = read_file_if_exists(log_);
    return printed && printed->find(text) != std::string::npos;
  }

private:
  std::string log_;
  pid_t pid_ = -1;
};

TEST(BootDisk, IsStartedByUefi) {
  for (const char* file : {firmware, variables, boot_manager}) {
    if (!fs::exists(file)) GTEST_SKIP() << file << " is not there (packages ovmf, systemd-boot-efi)";
  }
  const tests::ScratchFolder folder;
  fs::create_directories(folder.file("tree/efi/boot"));
  fs::create_directories(folder.file("tree/loader/entries"));
  fs::copy_file(boot_manager, folder.file("tree/efi/boot/bootx64.efi"));
  fs::copy_file(boot_manager, folder.file("tree/efi/other.efi"));  // it does not list itself
  folder.write("tree/loader/loader.conf", "timeout 100\n");
  folder.write("tree/loader/entries/rescue.conf", "title Rescue entry of this test\nefi /efi/other.efi\n");
  make_boot_disk(folder.file("tree"), folder.file("disk.raw"));
  const Machine machine(folder, folder.file("disk.raw"));
  EXPECT_TRUE(tests::wait_until([&] { return machine.prints("Rescue entry of this test"); }, Milliseconds(180'000)));
}

}  // namespace
}  // namespace rescue::winpe
