// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// What only libvirt and QEMU themselves can refuse: the domain XML with real block devices, a tap and a TPM.
#include "core/subprocess.hpp"
#include "orchestrator/libvirt/libvirt_hypervisor.hpp"
#include "tests/integration/libvirt/private_libvirt.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>

namespace rescue::tests {
namespace {

using domain::Accelerator;
using domain::DiskBus;
using domain::Firmware;
using domain::GuestState;

Completed shell_free(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  return run(command);
}

/// A loop device over a sparse file; detached by the destructor.
class LoopDevice {
public:
  LoopDevice(const std::string& name, unsigned sector_size) {
    const auto file = lab_folder() + "/" + name + ".img";
    static_cast<void>(shell_free({"truncate", "-s", "64M", file}));
    const auto attached =
        shell_free({"losetup", "--show", "--find", "--sector-size", std::to_string(sector_size), file});
    if (attached.status == 0) path_ = attached.out.substr(0, attached.out.find('\n'));
  }
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  ~LoopDevice() {
    if (!path_.empty()) static_cast<void>(shell_free({"losetup", "--detach", path_}));
  }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

domain::Disk disk_of(const LoopDevice& loop, unsigned sector_size) {
  domain::Disk disk;
  disk.path = loop.path();
  disk.stable_path = loop.path();
  disk.serial = "SER IAL_" + std::to_string(sector_size);
  disk.wwn = "0x5000c500a1b2c3d4";
  disk.vendor = "ATA";
  disk.model = "ST4000NM0035 (x) \"y\"";
  disk.logical_block_size = sector_size;
  disk.physical_block_size = 4096;
  return disk;
}

class RealDevices : public testing::Test {
protected:
  void SetUp() override {
    if (no_private_host()) GTEST_SKIP() << *no_private_host();
    libvirt_ = std::make_unique<PrivateLibvirt>();
    hypervisor_ = std::make_unique<libvirt::LibvirtHypervisor>(std::make_shared<libvirt::Connection>());
  }
  void TearDown() override {
    if (hypervisor_) hypervisor_->destroy("tiny");
  }
  void expect_start(const domain::GuestSpec& spec) {
    EXPECT_EQ(hypervisor_->start(spec), Accelerator::tcg);
    EXPECT_EQ(hypervisor_->state(spec.name), GuestState::running);
  }

  std::unique_ptr<PrivateLibvirt> libvirt_;
  std::unique_ptr<libvirt::LibvirtHypervisor> hypervisor_;
};

TEST_F(RealDevices, PassesDisksOf512And4096ByteSectorsOnScsi) {
  const LoopDevice small("small", 512);
  const LoopDevice large("large", 4096);
  if (small.path().empty() || large.path().empty()) GTEST_SKIP() << "losetup gives no loop devices here";
  auto spec = tiny_guest("tiny");
  spec.disks = {disk_of(small, 512), disk_of(large, 4096)};
  spec.disks[1].wwn.clear();
  expect_start(spec);
}

TEST_F(RealDevices, PassesMoreDisksThanAControllerHasPortsOnSata) {
  std::deque<LoopDevice> loops;
  auto spec = tiny_guest("tiny");
  spec.profile.disk_bus = DiskBus::sata;
  for (int index = 0; index < 6; ++index) {
    loops.emplace_back("sata" + std::to_string(index), 512U);
    if (loops.back().path().empty()) GTEST_SKIP() << "losetup gives no six loop devices here";
    spec.disks.push_back(disk_of(loops.back(), 512));
  }
  expect_start(spec);
}

TEST_F(RealDevices, EmulatesATpmForAUefiGuest) {
  if (!std::filesystem::exists("/usr/bin/swtpm")) GTEST_SKIP() << "swtpm is not installed";
  auto spec = tiny_guest("tiny");
  spec.profile.tpm = true;
  spec.profile.firmware = Firmware::uefi;
  expect_start(spec);
}

TEST_F(RealDevices, UsesATapThatSomebodyElseMade) {
  const auto made = shell_free({"ip", "tuntap", "add", "dev", "rstap0", "mode", "tap", "multi_queue"});
  if (made.status != 0) GTEST_SKIP() << "no tap can be made here: " << made.err;
  auto spec = tiny_guest("tiny");
  spec.tap = "rstap0";
  spec.mac = "52:54:00:12:34:56";
  expect_start(spec);
  hypervisor_->destroy("tiny");
  EXPECT_EQ(shell_free({"ip", "link", "show", "rstap0"}).status, 0) << "who made it removes it";
}

TEST_F(RealDevices, LibvirtDefinesEveryGoldenDomain) {
  int refused = 0;
  int defined = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RESCUE_GOLDEN_FOLDER)) {
    const auto result = shell_free({"virsh", "-q", "define", "--validate", entry.path().string()});
    if (result.err.find("does not support virt type 'kvm'") != std::string::npos) {
      ++refused;
      continue;
    }
    EXPECT_EQ(result.status, 0) << entry.path() << ": " << result.err;
    ++defined;
    static_cast<void>(shell_free({"virsh", "-q", "undefine", "--nvram", "rescue-web1"}));
  }
  EXPECT_GT(defined, 0);
  if (refused > 0) GTEST_SKIP() << refused << " KVM domains could not be defined: there is no usable /dev/kvm here";
}

}  // namespace
}  // namespace rescue::tests
