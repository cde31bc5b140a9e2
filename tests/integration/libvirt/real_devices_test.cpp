// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The domain XML with real block devices, a tap and a TPM, which only libvirt and QEMU themselves can refuse.
#include "core/subprocess.hpp"
#include "orchestrator/libvirt/libvirt_hypervisor.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/integration/libvirt/private_libvirt.hpp"
#include "tests/integration/loop_device.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <deque>
#include <filesystem>
#include <set>
#include <thread>

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
    const auto file = loop_file(lab_folder() + "/" + name + ".img");
    static_cast<void>(shell_free({"truncate", "-s", "64M", file}));
    path_ = attach_loop_device(file, {"--sector-size", std::to_string(sector_size)});
  }
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  ~LoopDevice() { detach_loop_device(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// "7:3" of a block device; empty for anything else.
std::string number_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode)) return {};
  return fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev));
}

/// The block devices that this guest's QEMU has open.
std::set<std::string> open_in_qemu_of(const std::string& guest) {
  std::set<std::string> numbers;
  const auto folder = fmt::format("/proc/{}/fd", qemu_of(guest).value());
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (auto number = number_of(entry.path().string()); !number.empty()) numbers.insert(std::move(number));
  }
  return numbers;
}

domain::GuestDisk disk_of(const LoopDevice& loop, unsigned sector_size) {
  domain::Disk disk;
  disk.path = loop.path();
  disk.stable_path = loop.path();
  disk.device = number_of(loop.path());
  disk.serial = "SER IAL_" + std::to_string(sector_size);
  disk.wwn = "0x5000c500a1b2c3d4";
  disk.vendor = "ATA";
  disk.model = "ST4000NM0035 (x) \"y\"";
  disk.logical_block_size = sector_size;
  disk.physical_block_size = 4096;
  return passed_through(disk);
}

domain::Disk with_path(domain::Disk disk, const std::string& path) {
  disk.path = path;
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
  spec.disks[1].disk.wwn.clear();
  expect_start(spec);
}

/// Two namespaces of one NVMe controller, two USB readers with one serial: both claim one link of udev.
TEST_F(RealDevices, OpensTheDiskThatWasFoundThoughItsLinkLeadsToAnother) {
  const LoopDevice found("found", 512);
  const LoopDevice other("other", 512);
  if (found.path().empty() || other.path().empty()) GTEST_SKIP() << "losetup gives no loop devices here";
  auto spec = tiny_guest("tiny");
  spec.disks = {disk_of(found, 512)};
  spec.disks[0].disk.stable_path = lab_folder() + "/nvme-MODEL_SERIAL";
  std::filesystem::create_symlink(other.path(), spec.disks[0].disk.stable_path);
  expect_start(spec);
  EXPECT_EQ(open_in_qemu_of("tiny"), std::set{number_of(found.path())});
}

TEST_F(RealDevices, StartsNoGuestWithADiskWhoseNameLeadsToAnotherDevice) {
  const LoopDevice found("found", 512);
  const LoopDevice other("other", 512);
  if (found.path().empty() || other.path().empty()) GTEST_SKIP() << "losetup gives no loop devices here";
  auto spec = tiny_guest("tiny");
  spec.disks = {disk_of(found, 512)};
  for (const auto& number : {number_of(other.path()), std::string()}) {
    spec.disks[0].disk.device = number;
    const auto error = error_of([&] { static_cast<void>(hypervisor_->start(spec)); });
    EXPECT_EQ(error.code(), ErrorCode::disk) << error.what();
    EXPECT_NE(std::string(error.what()).find(found.path()), std::string::npos) << error.what();
    EXPECT_EQ(hypervisor_->state("tiny"), GuestState::absent);
  }
}

/// The name leads to another disk after its check: libvirt has another /dev than we have.
TEST_F(RealDevices, EndsAGuestBeforeItRunsWhenQemuHasOpenedAnotherDisk) {
  const LoopDevice found("found", 512);
  const LoopDevice other("other", 512);
  if (found.path().empty() || other.path().empty()) GTEST_SKIP() << "losetup gives no loop devices here";
  auto spec = tiny_guest("tiny");
  spec.disks = {disk_of(found, 512)};
  spec.disks[0] = passed_through(with_path(spec.disks[0].disk, other.path()));
  const auto other_number = number_of(other.path());
  std::thread([&] {  // unshare moves only this thread into the new mount namespace
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::mount(found.path().c_str(), other.path().c_str(), nullptr, MS_BIND, nullptr), 0);
    const auto error = error_of([&] { static_cast<void>(hypervisor_->start(spec)); });
    EXPECT_EQ(error.code(), ErrorCode::disk) << error.what();
    const auto problem = fmt::format("too much [{}], missing [{}]", other_number, number_of(found.path()));
    EXPECT_NE(std::string(error.what()).find(problem), std::string::npos) << error.what();
  })
      .join();
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::absent);
  EXPECT_FALSE(qemu_of("tiny"));
  std::error_code absent;
  const auto written = std::filesystem::file_size(spec.serial_log, absent);
  EXPECT_TRUE(absent || written == 0) << "the guest ran";
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

/// A property of a device, read from QEMU.
std::string property_of(const std::string& guest, const std::string& device, const std::string& property) {
  const auto query =
      fmt::format(R"({{"execute":"qom-get","arguments":{{"path":"{}","property":"{}"}}}})", device, property);
  return shell_free({"virsh", "-q", "qemu-monitor-command", guest, query}).out;
}

TEST_F(RealDevices, ShowsSerialNumbersAsTheHardwareHasThem) {
  for (const auto bus : {DiskBus::virtio_scsi, DiskBus::sata}) {
    const LoopDevice blanks("blanks", 512);
    const LoopDevice others("others", 512);
    if (blanks.path().empty() || others.path().empty()) GTEST_SKIP() << "losetup gives no loop devices here";
    auto spec = tiny_guest("tiny");
    spec.profile.disk_bus = bus;
    spec.disks = {disk_of(blanks, 512), disk_of(others, 512)};
    spec.disks[0].disk.serial = "VMware-56 4d 1c";
    spec.disks[1].disk.serial = "S/N#7,x=\"1\"";
    spec.disks[1].disk.wwn.clear();
    expect_start(spec);
    const auto alias = [](const LoopDevice& loop) { return "ua--dev-" + loop.path().substr(5); };
    EXPECT_NE(property_of("tiny", alias(blanks), "serial").find(R"("return":"VMware-56 4d 1c")"), std::string::npos)
        << property_of("tiny", alias(blanks), "serial");
    EXPECT_NE(property_of("tiny", alias(others), "serial").find(R"("return":"S/N#7,x=\"1\"")"), std::string::npos)
        << property_of("tiny", alias(others), "serial");
    hypervisor_->destroy("tiny");
  }
}

TEST_F(RealDevices, PassesAHundredDisks) {
  for (unsigned minor = 0; minor < 256; ++minor) {  // our /dev is a copy, and gets no new nodes from the kernel
    constexpr unsigned loop_major = 7;
    (void)::mknod(fmt::format("/dev/loop{}", minor).c_str(), S_IFBLK | 0660, makedev(loop_major, minor));
  }
  std::deque<LoopDevice> loops;
  auto spec = tiny_guest("tiny");
  for (int index = 0; index < 100; ++index) {
    loops.emplace_back(fmt::format("many{}", index), 512U);
    if (loops.back().path().empty()) GTEST_SKIP() << "losetup gives no hundred loop devices here";
    spec.disks.push_back(disk_of(loops.back(), 512));
  }
  for (const auto bus : {DiskBus::virtio_scsi, DiskBus::sata}) {
    spec.profile.disk_bus = bus;
    expect_start(spec);
    EXPECT_EQ(open_in_qemu_of("tiny").size(), 100U);
    hypervisor_->destroy("tiny");
  }
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
  spec.mac = net::Mac::parse("52:54:00:12:34:56");
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
