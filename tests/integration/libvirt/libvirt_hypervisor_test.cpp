// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/subprocess.hpp"
#include "orchestrator/libvirt/libvirt_guest_agent.hpp"
#include "orchestrator/libvirt/libvirt_hypervisor.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/doubles/wait_until.hpp"
#include "tests/integration/libvirt/event_log.hpp"
#include "tests/integration/libvirt/private_libvirt.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace rescue::tests {
namespace {

using domain::Accelerator;
using domain::GuestEventKind;
using domain::GuestState;
using domain::StopMethod;

using libvirt::Connection;
using libvirt::LibvirtGuestAgent;
using libvirt::LibvirtHypervisor;

/// The serial log, once the guest has written "boot" `times` times.
bool booted(const domain::GuestSpec& spec, int times = 1) {
  return wait_until([&] {
    std::ifstream in(spec.serial_log);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    int found = 0;
    for (auto at = text.find("boot"); at != std::string::npos; at = text.find("boot", at + 1)) ++found;
    return found >= times;
  });
}

class LibvirtHypervisorTest : public testing::Test {
protected:
  void SetUp() override {
    if (no_private_host()) GTEST_SKIP() << *no_private_host();
    libvirt_ = std::make_unique<PrivateLibvirt>();
    connection_ = std::make_shared<Connection>();
    hypervisor_ = std::make_unique<LibvirtHypervisor>(connection_);
    events_ = std::make_unique<EventLog>(*hypervisor_);
  }
  void TearDown() override {
    if (!hypervisor_) return;
    for (const char* guest : {"tiny", "uefi"}) hypervisor_->destroy(guest);
  }

  std::unique_ptr<PrivateLibvirt> libvirt_;
  std::shared_ptr<Connection> connection_;
  std::unique_ptr<LibvirtHypervisor> hypervisor_;
  std::unique_ptr<EventLog> events_;
};

TEST_F(LibvirtHypervisorTest, StartsAGuestWhoseSerialPortAndScreenAreThere) {
  const auto spec = tiny_guest("tiny");
  EXPECT_EQ(hypervisor_->start(spec), Accelerator::tcg);
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::running);
  EXPECT_TRUE(booted(spec));
  EXPECT_TRUE(std::filesystem::is_socket(spec.vnc_socket));
  const auto folder = std::filesystem::path(spec.vnc_socket).parent_path();
  EXPECT_EQ(std::filesystem::status(folder).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(LibvirtHypervisorTest, FallsDownToTheAcceleratorThatRuns) {
  if (prove_kvm().proven) GTEST_SKIP() << "KVM works here, so nothing falls";
  auto spec = tiny_guest("tiny");
  spec.accelerator = Accelerator::kvm;
  EXPECT_EQ(hypervisor_->start(spec), Accelerator::tcg);
  EXPECT_TRUE(booted(spec));
  EXPECT_EQ(events_->count(GuestEventKind::crashed), 0) << "attempts are nobody's business";
}

TEST_F(LibvirtHypervisorTest, LeavesNothingWhenNoAcceleratorCanStart) {
  auto spec = tiny_guest("tiny");
  spec.accelerator = Accelerator::kvm;
  spec.tap = "rs-absent";
  spec.mac = net::Mac::parse("52:54:00:12:34:56");
  const auto error = error_of([&] { static_cast<void>(hypervisor_->start(spec)); });
  EXPECT_EQ(error.code(), ErrorCode::hypervisor);
  EXPECT_NE(std::string(error.what()).find("specified dev doesn't exist"), std::string::npos) << error.what();
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::absent);
  EXPECT_FALSE(qemu_of("tiny"));
}

TEST_F(LibvirtHypervisorTest, StartsUefiWithFreshVariablesAndRemovesThem) {
  auto spec = tiny_guest("uefi");
  spec.profile.firmware = domain::Firmware::uefi;
  static_cast<void>(hypervisor_->start(spec));
  const std::string variables = "/var/lib/libvirt/qemu/nvram/uefi_VARS.fd";
  EXPECT_TRUE(std::filesystem::exists(variables));
  hypervisor_->destroy("uefi");
  EXPECT_FALSE(std::filesystem::exists(variables));
}

TEST_F(LibvirtHypervisorTest, TellsThatTheGuestShutItselfDown) {
  static_cast<void>(hypervisor_->start(tiny_guest("tiny", Ending::power_off)));
  EXPECT_TRUE(events_->wait_for(GuestEventKind::stopped));
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::absent);
  EXPECT_EQ(events_->count(GuestEventKind::crashed), 0);
}

TEST_F(LibvirtHypervisorTest, TellsRebootsAndKeepsTheGuestRunning) {
  const auto spec = tiny_guest("tiny", Ending::reset);
  static_cast<void>(hypervisor_->start(spec));
  EXPECT_TRUE(events_->wait_for(GuestEventKind::rebooted, 2));
  EXPECT_TRUE(booted(spec, 2));
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::running);
}

TEST_F(LibvirtHypervisorTest, TellsAPanicOnceAsACrash) {
  static_cast<void>(hypervisor_->start(tiny_guest("tiny", Ending::panic)));
  EXPECT_TRUE(events_->wait_for(GuestEventKind::crashed));
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::absent);
  EXPECT_EQ(events_->count(GuestEventKind::crashed), 1);
  EXPECT_EQ(events_->count(GuestEventKind::stopped), 0);
}

TEST_F(LibvirtHypervisorTest, TellsThatQemuWasKilledAsACrash) {
  static_cast<void>(hypervisor_->start(tiny_guest("tiny")));
  ASSERT_TRUE(qemu_of("tiny"));
  ::kill(*qemu_of("tiny"), SIGKILL);
  EXPECT_TRUE(events_->wait_for(GuestEventKind::crashed));
  EXPECT_EQ(events_->count(GuestEventKind::stopped), 0);
}

TEST_F(LibvirtHypervisorTest, StopsByTheAcpiButtonWhenThereIsNoAgent) {
  const auto spec = tiny_guest("tiny", Ending::power_button);
  static_cast<void>(hypervisor_->start(spec));
  ASSERT_TRUE(booted(spec));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // the guest enables the button a second later
  EXPECT_EQ(hypervisor_->stop("tiny", {}, {}), StopMethod::acpi);
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::absent);
}

TEST_F(LibvirtHypervisorTest, DestroysWhatIgnoresTheButton) {
  static_cast<void>(hypervisor_->start(tiny_guest("tiny")));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(hypervisor_->stop("tiny", {Milliseconds(300), Milliseconds(500)}, {}), StopMethod::destroyed);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, Milliseconds(500));
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::absent);
  EXPECT_EQ(hypervisor_->stop("tiny", {}, {}), StopMethod::was_off);
}

TEST_F(LibvirtHypervisorTest, GoesToDestroyWhenAskedToHurry) {
  static_cast<void>(hypervisor_->start(tiny_guest("tiny")));
  std::stop_source stop;
  std::jthread hurry([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(hypervisor_->stop("tiny", {}, stop.get_token()), StopMethod::destroyed);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Milliseconds(10'000));
}

TEST_F(LibvirtHypervisorTest, ComesBackAfterARestartOfLibvirtdWithTheSameGuest) {
  static_cast<void>(hypervisor_->start(tiny_guest("tiny")));
  const auto qemu = qemu_of("tiny");
  ASSERT_TRUE(qemu);
  libvirt_->stop_libvirtd();
  EXPECT_TRUE(events_->wait_for(GuestEventKind::hypervisor_lost));
  const auto error = error_of([&] { static_cast<void>(hypervisor_->state("tiny")); });
  EXPECT_EQ(error.code(), ErrorCode::hypervisor);
  EXPECT_NE(error.hint().find("systemctl start libvirtd"), std::string::npos) << error.hint();
  EXPECT_EQ(qemu_of("tiny"), qemu) << "the guest does not depend on libvirtd";
  libvirt_->start_libvirtd();
  EXPECT_TRUE(events_->wait_for(GuestEventKind::hypervisor_back));
  EXPECT_EQ(hypervisor_->state("tiny"), GuestState::running);
  EXPECT_EQ(qemu_of("tiny"), qemu);
  // Until libvirtd has QEMU's monitor again, it reports the state in its files, and sends no event for a guest that
  // ends. A call that needs the monitor waits for it.
  Command ask_monitor;
  ask_monitor.argv = {"virsh", "--connect", "qemu:///system", "qemu-monitor-command", "tiny", "--hmp", "info status"};
  (void)run_checked(ask_monitor);
  hypervisor_->destroy("tiny");
  EXPECT_TRUE(events_->wait_for(GuestEventKind::stopped)) << "events come again after the way back";
}

TEST_F(LibvirtHypervisorTest, TellsAnEndThatItDidNotHear) {
  static_cast<void>(hypervisor_->start(tiny_guest("tiny")));
  libvirt_->stop_libvirtd();
  ASSERT_TRUE(events_->wait_for(GuestEventKind::hypervisor_lost));
  ::kill(*qemu_of("tiny"), SIGKILL);
  libvirt_->start_libvirtd();
  EXPECT_TRUE(events_->wait_for(GuestEventKind::hypervisor_back));
  EXPECT_TRUE(events_->wait_for(GuestEventKind::crashed));
  EXPECT_EQ(events_->count(GuestEventKind::crashed), 1);
}

TEST_F(LibvirtHypervisorTest, NamesTheRemedyWhenLibvirtdIsDown) {
  libvirt_->stop_libvirtd();
  const auto begin = std::chrono::steady_clock::now();
  const auto error = error_of([&] { static_cast<void>(hypervisor_->facts()); });
  EXPECT_EQ(error.code(), ErrorCode::hypervisor);
  EXPECT_NE(error.hint().find("systemctl start libvirtd"), std::string::npos) << error.hint();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Milliseconds(1000));
  libvirt_->start_libvirtd();
  EXPECT_NE(hypervisor_->facts().version.find("QEMU 7.2"), std::string::npos);
}

TEST_F(LibvirtHypervisorTest, AnAgentThatIsNotThereIsSilentNotBroken) {
  LibvirtGuestAgent agent(connection_);
  static_cast<void>(hypervisor_->start(tiny_guest("tiny")));
  EXPECT_FALSE(agent.answers("tiny", Milliseconds(500)));
  EXPECT_EQ(error_of([&] { agent.wait_until_ready("tiny", Milliseconds(200), {}); }).code(), ErrorCode::timeout);
  EXPECT_EQ(error_of([&] { agent.set_password("tiny", "Administrator", Secret("never-used-1A")); }).code(),
            ErrorCode::timeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(error_of([&] { agent.wait_until_ready("tiny", Milliseconds(60'000), stop.get_token()); }).code(),
            ErrorCode::cancelled);
  hypervisor_->destroy("tiny");
  EXPECT_EQ(error_of([&] { agent.wait_until_ready("tiny", Milliseconds(60'000), {}); }).code(), ErrorCode::hypervisor);
}

}  // namespace
}  // namespace rescue::tests
