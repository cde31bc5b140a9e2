// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Runs the script of the answer medium under Wine: what it runs, what it records, and that it goes on after a failure.
#include "core/file.hpp"
#include "images/builder/answers.hpp"
#include "tests/integration/windows/wine.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::builder {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(InstallScript, RunsEachScriptAndRecordsFailuresUnderWine) {
  const tests::Wine wine;
  if (!wine.is_installed()) GTEST_SKIP() << "wine is not installed (packages wine, wine64)";
  const auto medium = wine.folder().file("medium");
  fs::create_directories(medium + "/scripts");
  (void)wine.folder().write("medium/scripts/10 good.cmd", "@echo this is good\r\n@exit /b 0\r\n");
  (void)wine.folder().write("medium/scripts/20-bad.cmd", "@exit 5\r\n");
  (void)wine.folder().write("medium/scripts/30-restart.cmd", "@echo this restarts\r\n@exit /b 3010\r\n");
  (void)wine.folder().write(
      "medium/rescue-install.cmd",
      install_script({}, {R"(scripts\10 good.cmd)", R"(scripts\20-bad.cmd)", R"(scripts\30-restart.cmd)"}));
  wine.start();
  const auto panther = wine.folder().file("prefix/drive_c/windows/Panther");
  fs::create_directories(panther);
  const auto result = wine.call({"wine", "cmd", "/c", medium + "/rescue-install.cmd"});
  EXPECT_EQ(result.status, 0) << result.err;
  const auto log = read_file(panther + "/rescue-install.log");
  EXPECT_THAT(log, HasSubstr("this is good"));
  EXPECT_THAT(log, HasSubstr("exit code 5"));
  EXPECT_THAT(log, HasSubstr("this restarts"));
  EXPECT_EQ(read_file(panther + "/rescue-install.failed"), "scripts\\20-bad.cmd failed with 5\r\n");
}

}  // namespace
}  // namespace rescue::builder
