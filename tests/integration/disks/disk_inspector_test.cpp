// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests that block devices are inspected by the real program, each by its own, and that a program's fault is a reason.
#include "loop_disk.hpp"
#include "orchestrator/windows/program_disk_inspector.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;
using windows_disk::ProgramDiskInspector;

class DiskInspector : public ::testing::Test {
protected:
  void SetUp() override {
    if (const auto why = loop_devices_missing(); !why.empty()) GTEST_SKIP() << why;
    disk_.emplace("inspected", LoopDisk::Content::ext4);
  }
  [[nodiscard]] std::string problem_with(const std::string& program, Milliseconds limit = Milliseconds(60'000)) const {
    return ProgramDiskInspector(program, limit).inspect({disk_->disk()}).at(0).problem;
  }
  std::optional<LoopDisk> disk_;
};

TEST_F(DiskInspector, ReadsEachDiskByTheConfinedProgram) {
  const LoopDisk other("other", LoopDisk::Content::partition);
  const auto results = ProgramDiskInspector(RESCUE_INSPECT).inspect({disk_->disk(), other.disk()});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].path, disk_->path());
  EXPECT_EQ(results[0].problem, "");
  EXPECT_EQ(results[0].facts.bytes, disk_->disk().size_bytes);
  EXPECT_EQ(results[0].facts.content_name, "ext4");
  EXPECT_EQ(results[1].path, other.path());
  EXPECT_EQ(results[1].facts.content_name, "");
}

TEST_F(DiskInspector, RefusesAnotherDeviceThanThatOfTheSurvey) {
  auto moved = disk_->disk();
  moved.device = "8:0";
  EXPECT_THAT(ProgramDiskInspector(RESCUE_INSPECT).inspect({moved}).at(0).problem,
              HasSubstr("is another device than at the survey"));
  moved.path = "/dev/null";
  EXPECT_THAT(ProgramDiskInspector(RESCUE_INSPECT).inspect({moved}).at(0).problem, HasSubstr("another device"));
}

TEST_F(DiskInspector, SaysWhatIsWrongWithTheProgram) {
  EXPECT_THAT(problem_with("/nowhere/rescue-inspect"), HasSubstr("cannot start"));
  EXPECT_THAT(problem_with("/bin/true"), HasSubstr("malformed")) << "no answer";
  EXPECT_THAT(problem_with("/bin/cat"), HasSubstr("malformed")) << "the disk itself";
  const Folder folder;
  const auto program = [&](const std::string& script) {
    const auto path = folder / "program";
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  };
  EXPECT_THAT(problem_with(program("echo no such luck >&2; exit 1")), HasSubstr("no such luck"));
  EXPECT_THAT(problem_with(program("kill -SEGV $$")), HasSubstr("signal 11"));
  EXPECT_THAT(problem_with(program("exec sleep 60"), Milliseconds(200)), HasSubstr("took longer"));
}

}  // namespace
}  // namespace rescue::tests
