// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/host_capabilities.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rescue::libvirt {
namespace {

using tests::ScratchFolder;

TEST(HostCapabilities, FindsQemusUserInTheDacLabel) {
  const auto user = qemu_user(R"(<capabilities><host>
    <secmodel><model>none</model><doi>0</doi></secmodel>
    <secmodel><model>dac</model><doi>0</doi>
      <baselabel type='kvm'>+64055:+103</baselabel><baselabel type='qemu'>+64055:+103</baselabel></secmodel>
    </host></capabilities>)");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->uid, 64055U);
  EXPECT_EQ(user->gid, 103U);
}

TEST(HostCapabilities, TakesNothingElseForAUser) {
  EXPECT_FALSE(qemu_user(""));
  EXPECT_FALSE(qemu_user("<capabilities><host><secmodel><model>apparmor</model></secmodel></host></capabilities>"));
  EXPECT_FALSE(qemu_user("<capabilities><host><secmodel><model>dac</model><baselabel>root:root</baselabel></secmodel>"
                         "</host></capabilities>"));
}

TEST(HostCapabilities, ListsTheEnlightenments) {
  const auto features = hyperv_features(R"(<domainCapabilities><features><hyperv supported='yes'>
    <enum name='features'><value>relaxed</value><value>vapic</value></enum></hyperv></features></domainCapabilities>)");
  ASSERT_TRUE(features);
  EXPECT_EQ(*features, (std::set<std::string>{"relaxed", "vapic"}));
  EXPECT_TRUE(hyperv_features("<domainCapabilities><features><hyperv supported='no'/></features></domainCapabilities>")
                  ->empty());
  EXPECT_FALSE(hyperv_features("<domainCapabilities/>"));
}

TEST(DeviceProblem, SaysWhenQemusUserIsShutOut) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can try another user's rights";
  const ScratchFolder scratch;
  ASSERT_EQ(::chmod(scratch.file("").c_str(), 0755), 0);
  const auto device = scratch.write("kvm", "");
  const auto* const nobody = ::getpwnam("nobody");
  ASSERT_NE(nobody, nullptr);
  const QemuUser user{nobody->pw_uid, nobody->pw_gid};
  ASSERT_EQ(::chmod(device.c_str(), 0600), 0);
  EXPECT_NE(device_problem(device, user).find("(mode 0600) is closed to the user"), std::string::npos);
  ASSERT_EQ(::chmod(device.c_str(), 0666), 0);
  EXPECT_EQ(device_problem(device, user), "");
  EXPECT_EQ(device_problem(scratch.file("none"), user), "");
}

}  // namespace
}  // namespace rescue::libvirt
