// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests that identities of block devices are read by the real program, confined, and that nothing is written.
#include "loop_disk.hpp"
#include "orchestrator/identity/program_disk_identities.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

TEST(DiskIdentities, AreReadFromEachDeviceAndTellCopiesApart) {
  if (const auto why = loop_devices_missing(); !why.empty()) GTEST_SKIP() << why;
  const LoopDisk one("one", LoopDisk::Content::partition);
  const LoopDisk copy("copy", LoopDisk::Content::partition);
  const LoopDisk other("other", LoopDisk::Content::ext4);
  for (const auto* disk : {&one, &copy}) {
    output_of({"sgdisk", "--clear", "--new=1:2048:61439", "--disk-guid=11111111-2222-4333-8444-555555555555",
               "--partition-guid=1:aaaaaaaa-2222-4333-8444-555555555555", disk->path()});
  }
  const auto digest = [&] { return output_of({"sha256sum", one.path()}); };
  const auto before = digest();
  identity::ProgramDiskIdentities identities(RESCUE_IDENTITY);
  auto moved = one.disk();
  moved.device = "8:0";
  const auto found = identities.identify({one.disk(), copy.disk(), other.disk(), moved});
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].problem, "");
  EXPECT_EQ(found[0].path, one.path());
  EXPECT_EQ(found[0].identity.id, "11111111-2222-4333-8444-555555555555");
  EXPECT_THAT(shared_ids(found[0].identity, found[1].identity), HasSubstr("the GUID of partition 1"));
  EXPECT_EQ(found[2].problem, "");
  EXPECT_EQ(found[2].identity, domain::DiskIdentity{});
  EXPECT_THAT(found[3].problem, HasSubstr("another device"));
  EXPECT_EQ(digest(), before);
}

}  // namespace
}  // namespace rescue::tests
