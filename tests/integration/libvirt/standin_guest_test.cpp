// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The guest agent of a guest that really boots: one boot for everything, since under TCG it takes half a minute.
#include "core/subprocess.hpp"
#include "orchestrator/libvirt/libvirt_guest_agent.hpp"
#include "orchestrator/libvirt/libvirt_hypervisor.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/integration/libvirt/event_log.hpp"
#include "tests/integration/libvirt/private_libvirt.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rescue::tests {
namespace {

using domain::GuestEventKind;
using domain::StopMethod;
using libvirt::Connection;
using libvirt::LibvirtGuestAgent;
using libvirt::LibvirtHypervisor;

constexpr Milliseconds boot_limit{180'000};
const std::string guest = "standin";

/// Copies the image: libvirt changes the owner of a guest's files to QEMU's user while it runs.
domain::GuestSpec standin_guest(const std::string& image_folder) {
  const auto base = lab_folder() + "/base.qcow2";
  const auto overlay = lab_folder() + "/overlay.qcow2";
  std::filesystem::copy_file(image_folder + "/standin.qcow2", base);
  Command create;
  create.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, overlay};
  run_checked(create);
  auto spec = tiny_guest(guest);
  spec.memory_mib = 768;
  spec.vcpus = 2;
  spec.system_disk = overlay;
  return spec;
}

std::string shadow_entry(LibvirtGuestAgent& agent) {
  return agent.run(guest, {"/usr/bin/getent", "shadow", "Administrator"}, Milliseconds(30'000)).output;
}

void expect_programs_to_run(LibvirtGuestAgent& agent) {
  const auto answer = agent.run(guest, {"/bin/sh", "-c", "echo out; echo err >&2; exit 7"}, Milliseconds(30'000));
  EXPECT_EQ(answer.exit_code, 7);
  EXPECT_EQ(answer.output, "out\nerr\n");
  const auto killed = agent.run(guest, {"/bin/sh", "-c", "kill -9 $$"}, Milliseconds(30'000));
  EXPECT_EQ(killed.exit_code, 137);
  const auto long_output = agent.run(guest, {"/bin/sh", "-c", "yes | head -c 300000"}, Milliseconds(30'000));
  EXPECT_EQ(long_output.output.size(), 65'536U);
  EXPECT_EQ(error_of([&] {
              static_cast<void>(agent.run(guest, {"/bin/sleep", "60"}, Milliseconds(1'500)));
            }).code(),
            ErrorCode::timeout);
  EXPECT_EQ(error_of([&] { static_cast<void>(agent.run(guest, {"/no/such/program"}, Milliseconds(30'000))); }).code(),
            ErrorCode::guest_agent);
}

void expect_the_password_to_change(LibvirtGuestAgent& agent) {
  const auto before = shadow_entry(agent);
  agent.set_password(guest, "Administrator", Secret("Correct-Horse-7-Battery"));
  const auto after = shadow_entry(agent);
  EXPECT_NE(before, after);
  EXPECT_NE(after.find("Administrator:$"), std::string::npos) << "a hash, so the account can log in";
  EXPECT_EQ(error_of([&] { agent.set_password(guest, "nobody-here", Secret("Correct-Horse-7")); }).code(),
            ErrorCode::guest_agent);
}

TEST(StandinGuest, TakesAPasswordRunsProgramsAndShutsDownThroughItsAgent) {
  if (no_private_host()) GTEST_SKIP() << *no_private_host();
  const char* images = std::getenv("RESCUE_STANDIN_DIR");
  if (images == nullptr || !std::filesystem::exists(std::string(images) + "/standin.qcow2")) {
    GTEST_SKIP() << "RESCUE_STANDIN_DIR names no folder with standin.qcow2 (build it: images/standin/build)";
  }
  const PrivateLibvirt libvirt;
  const auto connection = std::make_shared<Connection>();
  LibvirtHypervisor hypervisor(connection);
  LibvirtGuestAgent agent(connection);
  const EventLog events(hypervisor);

  static_cast<void>(hypervisor.start(standin_guest(images)));
  EXPECT_FALSE(agent.answers(guest, Milliseconds(1'000))) << "it has only begun to boot";
  agent.wait_until_ready(guest, boot_limit, {});
  EXPECT_TRUE(agent.answers(guest, Milliseconds(5'000)));
  expect_programs_to_run(agent);
  expect_the_password_to_change(agent);
  EXPECT_EQ(hypervisor.stop(guest, {Milliseconds(60'000), Milliseconds(60'000)}, {}), StopMethod::agent);
  EXPECT_TRUE(events.wait_for(GuestEventKind::agent_connected));
  EXPECT_TRUE(events.wait_for(GuestEventKind::stopped));  // delivered on its own thread
  EXPECT_EQ(events.count(GuestEventKind::stopped), 1);
  EXPECT_EQ(events.count(GuestEventKind::crashed), 0);
}

}  // namespace
}  // namespace rescue::tests
