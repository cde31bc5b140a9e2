// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log_settings.hpp"
#include "orchestrator/linux/host/linux_host.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rescue::tests {
namespace {

using domain::Ending;
using linux::LinuxHost;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A host with our own `systemctl`, and a kernel that only records requests.
class HostThatEnds : public ::testing::Test {
protected:
  void SetUp() override {
    log::set_up("unit_host");
    ::setenv("PATH", (folder_.file("") + ":/usr/bin:/bin").c_str(), 1);
  }
  void TearDown() override { ::setenv("PATH", path_.c_str(), 1); }
  void systemctl_ends_with(int status) const {
    const auto file = folder_.file("systemctl");
    std::ofstream(file) << "#!/bin/sh\necho \"$1\" >> " << folder_.file("asked") << "\nexit " << status << "\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] std::string asked() const {
    std::ifstream file(folder_.file("asked"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  LinuxHost host(std::vector<std::string> reboot) {
    return {std::move(reboot), {"false"}, [this](Ending ending) {
              kernel_.push_back(ending);
              return std::string("Operation not permitted");
            }};
  }

  ScratchFolder folder_;
  std::string path_ = std::getenv("PATH");
  std::vector<Ending> kernel_;
};

TEST_F(HostThatEnds, RunsWhatIsConfiguredAndNothingElse) {
  systemctl_ends_with(0);
  host({"true"}).end(Ending::reboot);
  EXPECT_EQ(asked(), "");
  EXPECT_THAT(kernel_, IsEmpty());
}

TEST_F(HostThatEnds, IsEndedBySystemdWhereTheConfiguredCommandFails) {
  systemctl_ends_with(0);
  host({"false"}).end(Ending::reboot);
  host({"/no/such/program"}).end(Ending::reboot);
  host({"true"}).end(Ending::poweroff);
  EXPECT_EQ(asked(), "reboot\nreboot\npoweroff\n");
  EXPECT_THAT(kernel_, IsEmpty());
  EXPECT_THAT(log::recent(), Contains(HasSubstr("error: the host does not reboot by 'false'")));
}

TEST_F(HostThatEnds, AsksTheKernelLast) {
  systemctl_ends_with(1);
  auto host = this->host({"systemctl", "reboot"});
  const auto error = error_of([&] { host.end(Ending::reboot); });
  EXPECT_EQ(error.code(), ErrorCode::subprocess);
  EXPECT_THAT(error.what(), HasSubstr("the kernel: Operation not permitted"));
  EXPECT_EQ(asked(), "reboot\n") << "the same command is not tried twice";
  EXPECT_EQ(kernel_, std::vector{Ending::reboot});
}

TEST_F(HostThatEnds, StaysWhereItIsToStay) {
  systemctl_ends_with(0);
  host({"false"}).end(Ending::stay);
  EXPECT_EQ(asked(), "");
  EXPECT_THAT(kernel_, IsEmpty());
}

TEST(MemoryOfFiles, IsTheSizeOfAMemoryFileSystemAndNothingOfADisk) {
  EXPECT_EQ(linux::memory_of_files_mib("/proc/no/such/folder"), 0U);
  EXPECT_GT(linux::memory_of_files_mib("/dev/shm/rescue/not/there/yet"), 0U);
}

}  // namespace
}  // namespace rescue::tests
