// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// libefivar reads the folder of the variables when it is loaded: the tests run in a child that has it from the start.
#include "tests/doubles/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

int main(int argc, char** argv) {
  constexpr const char* folder_variable = "EFIVARFS_PATH";
  if (std::getenv(folder_variable) != nullptr) {
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
  }
  const rescue::tests::ScratchFolder folder;
  ::setenv(folder_variable, folder.file("").c_str(), 1);
  pid_t child = 0;
  int status = 0;
  if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, argv, environ) != 0) return 1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
