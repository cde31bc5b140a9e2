// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Real QEMU: machines that run nothing, and the stand-in's image under control of monitor and guest agent.
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/vm/machine.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>

namespace rescue::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using namespace vm;

constexpr Milliseconds boot_limit{200'000};
constexpr Milliseconds step_limit{60'000};

/// A machine that stays in its firmware: quick, and small.
Specification idle_machine() {
  Specification specification;
  specification.memory_mib = 128;
  specification.cpus = 1;
  return specification;
}

TEST(Machine, RunsWithEveryDevice) {
  const ScratchFolder scratch;
  auto specification = idle_machine();
  const auto disk = scratch.write("disk.raw", std::string(std::size_t{1} << 20U, '\0'));
  const auto iso = scratch.write("medium.iso", std::string(std::size_t{1} << 20U, '\0'));
  for (const auto bus : {DiskBus::virtio_scsi, DiskBus::sata}) {
    specification.disk_bus = bus;
    specification.disks = {{.path = disk, .format = DiskFormat::raw, .snapshot = true, .boot_order = 1, .serial = "A"},
                           {.path = disk, .format = DiskFormat::raw, .snapshot = true}};
    specification.cdroms = {{}, {.path = iso, .boot_order = 2}};
    specification.nics = {{.forwards = {{22}}}, {.model = NicModel::e1000e, .mac = "52:54:00:00:00:02"}};
    specification.firmware = bus == DiskBus::sata ? Firmware::bios : Firmware::uefi;
    specification.tpm = bus == DiskBus::virtio_scsi;
    Machine machine(specification, scratch.file(""));
    EXPECT_EQ(machine.status(), "running");
    EXPECT_THAT(machine.facts().machine, HasSubstr("pc-q35-"));
    EXPECT_NE(machine.host_port(22), 0);
    EXPECT_THROW((void)machine.host_port(23), Error);
    EXPECT_EQ(machine.traffic(1).written, 0U);
    machine.change_cdrom(0, iso);
    machine.change_cdrom(0, "");
    machine.press_keys({"ctrl", "alt", "delete"});
    machine.take_screenshot(scratch.file("screen.png"));
    EXPECT_EQ(read_file(scratch.file("screen.png")).substr(1, 3), "PNG");
    machine.reset();
    EXPECT_TRUE(machine.wait_for_event("RESET", step_limit));
    machine.quit();
    const auto end = machine.wait_for_end(step_limit);
    ASSERT_TRUE(end);
    EXPECT_FALSE(end->by_guest);
    EXPECT_EQ(end->reason, "host-qmp-quit");
  }
}

TEST(Machine, GivesQemusWordsWhenItDoesNotStart) {
  const ScratchFolder scratch;
  auto specification = idle_machine();
  specification.firmware = Firmware::bios;
  specification.disks = {{.path = "/nonexistent/disk.qcow2"}};
  const auto error = error_of([&] { Machine machine(specification, scratch.file("")); });
  EXPECT_EQ(error.code(), ErrorCode::hypervisor);
  EXPECT_THAT(error.what(), HasSubstr("/nonexistent/disk.qcow2"));
}

TEST(Machine, ReportsThatQemuDied) {
  const ScratchFolder scratch;
  auto specification = idle_machine();
  specification.firmware = Firmware::bios;
  Machine machine(specification, scratch.file(""));
  Command search;
  search.argv = {"pgrep", "-P", std::to_string(::getpid()), "qemu"};
  const auto pid = std::stoi(run_checked(search).out);
  ::kill(pid, SIGKILL);
  const auto end = machine.wait_for_end(step_limit);
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->by_guest);
  EXPECT_THAT(end->reason, HasSubstr("QEMU died"));
  EXPECT_EQ(error_of([&] { (void)machine.status(); }).code(), ErrorCode::unavailable);
}

class StandinMachine : public ::testing::Test {
protected:
  void SetUp() override {
    const char* const folder = std::getenv("RESCUE_STANDIN_DIR");
    if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "RESCUE_STANDIN_DIR names no image of the stand-in";
    image_ = std::string(folder) + "/standin.qcow2";
  }
  std::string image_;
  const ScratchFolder scratch_;
};

TEST_F(StandinMachine, IsControlledByItsAgentAndMonitor) {
  Specification specification;
  specification.firmware = Firmware::bios;
  specification.disks = {{.path = image_, .snapshot = true, .boot_order = 1}};
  specification.nics = {{.forwards = {{22}}}};
  Machine machine(specification, scratch_.file(""));
  auto& agent = machine.agent();
  ASSERT_TRUE(agent.wait_until_ready(boot_limit)) << read_file(machine.serial_log());
  EXPECT_THAT(agent.version(), ::testing::MatchesRegex("[0-9.]+.*"));

  const auto result = agent.run({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, step_limit);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
  const std::string content = std::string(100'000, 'x') + '\xff' + std::string("\0end", 4);
  const auto written = machine.traffic(0).written;
  agent.write_file("/var/tmp/file", content);
  EXPECT_EQ(agent.read_file("/var/tmp/file"), content);
  EXPECT_EQ(agent.run({"/bin/sync"}, step_limit).exit_code, 0);
  EXPECT_GE(machine.traffic(0).written, written + content.size());
  EXPECT_EQ(error_of([&] { (void)agent.read_file("/nonexistent"); }).code(), ErrorCode::guest_agent);
  agent.set_password("Administrator", Secret("Secret-1 of \"mine\""));
  EXPECT_EQ(error_of([&] { agent.set_password("nobody-there", Secret("x")); }).code(), ErrorCode::guest_agent);
  std::vector<std::string> macs;
  for (const auto& found : agent.interfaces()) macs.push_back(found.mac);
  EXPECT_THAT(macs, Contains("52:54:00:72:65:73"));
  EXPECT_GT(machine.traffic(0).read, 0U);

  agent.request_shutdown(GuestAgent::Shutdown::reboot);
  ASSERT_TRUE(machine.wait_for_event("RESET", step_limit));
  ASSERT_TRUE(agent.wait_until_ready(boot_limit));
  machine.press_power_button();
  const auto end = machine.wait_for_end(step_limit);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->by_guest);
  EXPECT_EQ(end->reason, "guest-shutdown");
}

}  // namespace
}  // namespace rescue::tests
