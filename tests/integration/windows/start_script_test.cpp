// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Runs the start script of the rescue Windows PE under Wine, which has cmd.exe and reg.exe, but not the programs of
// Windows PE: shows that the script is read to its end, sets the SAN policy, and finds each driver.
#include "images/winpe/start_script.hpp"
#include "tests/integration/windows/wine.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace rescue::winpe {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(StartScript, RunsToItsEndUnderWine) {
  const tests::Wine wine;
  const auto prepare = [&wine] {
    for (const char* name : {"rescue/drivers/vioscsi/vioscsi.inf", "rescue/drivers/NetKVM/netkvm.inf"}) {
      fs::create_directories(fs::path(wine.on_drive_c(name)).parent_path());
      std::ofstream(wine.on_drive_c(name)) << "[Version]";
    }
    std::ofstream(wine.on_drive_c("startnet.cmd"), std::ios::binary) << start_script();
  };
  const auto output =
      wine.run_batch("@call c:\\startnet.cmd\r\n"
                     "@reg.exe query HKLM\\SYSTEM\\CurrentControlSet\\Services\\partmgr\\Parameters /v SanPolicy\r\n",
                     prepare);
  if (!output) GTEST_SKIP() << "wine is not installed (packages wine, wine64)";
  EXPECT_THAT(*output, HasSubstr("SanPolicy    REG_DWORD    0x3"));
  std::ifstream log(wine.on_drive_c("rescue/start.log"));
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  for (const char* line :
       {"Rescue: disks stay offline", "vioscsi.inf", "netkvm.inf", "Rescue: network", "Rescue: ready"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace rescue::winpe
