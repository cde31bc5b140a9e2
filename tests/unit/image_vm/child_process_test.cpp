// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Child processes: status, output, descriptors, and their end.
#include "images/vm/child_process.hpp"
#include "images/vm/line_channel.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/wait_until.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

namespace rescue::tests {
namespace {

using vm::ChildProcess;
constexpr Milliseconds long_enough{20'000};

class ChildProcesses : public ::testing::Test {
protected:
  const ScratchFolder scratch_;
  const std::string log_ = scratch_.file("log");
};

TEST_F(ChildProcesses, HaveAStatusAndLastWords) {
  ChildProcess child({"sh", "-c", "echo one; printf '\\033[2Jtwo\\n' >&2; exit 7"}, log_, {});
  ASSERT_TRUE(child.wait(long_enough));
  EXPECT_EQ(child.status(), 7);
  EXPECT_EQ(child.last_words(), "one\n\\x1b[2Jtwo");
}

TEST_F(ChildProcesses, InheritOnlyTheNamedDescriptors) {
  const auto [ours, theirs] = vm::socket_pair();
  ASSERT_EQ(::fcntl(ours.get(), F_SETFD, 0), 0);  // a careless library's descriptor
  const auto link = [](const FileDescriptor& fd) { return "/proc/self/fd/" + std::to_string(fd.get()); };
  ChildProcess child({"readlink", link(ours), link(theirs)}, log_, {theirs.get()});
  ASSERT_TRUE(child.wait(long_enough));
  EXPECT_EQ(child.status(), 1);  // one of them is not there
  EXPECT_EQ(child.last_words(), std::filesystem::read_symlink(link(theirs)).string());
}

TEST_F(ChildProcesses, WhoseProgramIsMissingSayIt) {
  ChildProcess child({"/nonexistent/program"}, log_, {});
  ASSERT_TRUE(child.wait(long_enough));
  EXPECT_EQ(child.status(), 127);
  EXPECT_THAT(child.last_words(), ::testing::HasSubstr("can't be executed"));
}

TEST_F(ChildProcesses, AreKilledWhenTheyIgnoreSigterm) {
  ChildProcess child({"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"}, log_, {});
  ASSERT_TRUE(wait_until([&] { return child.last_words() == "ready"; }));
  child.end(Milliseconds(50));
  EXPECT_EQ(child.status(), 128 + SIGKILL);
}

TEST_F(ChildProcesses, EndWithTheirParent) {
  // The parent is a process of its own, which is killed.
  const pid_t parent = ::fork();
  if (parent == 0) {
    const ChildProcess child({"sh", "-c", "echo $$; exec sleep 600"}, log_, {});
    for (;;) ::pause();
  }
  std::string pid;
  ASSERT_TRUE(wait_until([&] {
    std::ifstream file(log_);
    return static_cast<bool>(std::getline(file, pid)) && !pid.empty();
  }));
  ASSERT_EQ(::kill(parent, SIGKILL), 0);
  ::waitpid(parent, nullptr, 0);
  const auto has_ended = [&] {
    std::ifstream state("/proc/" + pid + "/stat");
    std::string content;
    // It may stay as a zombie where no init collects it.
    return !std::getline(state, content) || content.find(") Z ") != std::string::npos;
  };
  EXPECT_TRUE(wait_until(has_ended));
}

}  // namespace
}  // namespace rescue::tests
