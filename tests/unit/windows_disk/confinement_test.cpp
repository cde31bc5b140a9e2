// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/handle.hpp"
#include "orchestrator/windows/confinement.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>

namespace rescue::windows_disk {
namespace {

/// Runs `act` in a confined child; returns its exit code.
int confined(int (*act)()) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      confine();
      ::_exit(act());
    } catch (const std::exception&) {
      ::_exit(100);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Confinement, LeavesReadingAndMemory) {
  EXPECT_EQ(confined([] {
              const FileDescriptor file(::open("/etc/os-release", O_RDONLY));
              char byte = 0;
              const std::string memory(1U << 20U, 'x');
              return file && ::pread(file.get(), &byte, 1, 0) == 1 && memory.size() > 1 ? 0 : 1;
            }),
            0);
}

#ifndef __SANITIZE_ADDRESS__
TEST(Confinement, ForbidsTheNetwork) {
  for (auto* const act : {+[] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; },
                          +[] { return ::socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0; }}) {
    EXPECT_EQ(confined(act), EPERM);
  }
}

TEST(Confinement, ForbidsOtherProgramsAndProcesses) {
  EXPECT_EQ(confined([] { return ::execl("/bin/true", "true", nullptr) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(confined([] { return ::fork() < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(confined([] { return ::kill(::getpid(), 0) < 0 ? errno : 0; }), EPERM) << "not even itself";
}
#endif

TEST(Confinement, LeavesNoFileOfRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(confined([] { return ::open("/etc/shadow", O_RDONLY) < 0 ? errno : 0; }), EACCES);
}

}  // namespace
}  // namespace rescue::windows_disk
