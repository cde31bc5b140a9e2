// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The contract's table and its document; chunks of a boot in nbdkit's log.
#include "core/file.hpp"
#include "images/verify/boot_recording.hpp"
#include "images/verify/contract.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>
#include <sstream>

namespace rescue::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Number, kinds and title of each row in the document.
std::vector<std::string> rows_of_document() {
  std::vector<std::string> rows;
  std::istringstream lines(read_file(RESCUE_CONTRACT));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| C")) continue;
    // The first three columns.
    std::size_t end = 0;
    for (int column = 0; column < 3; ++column) end = line.find(" |", end + 1);
    rows.push_back(line.substr(0, end));
  }
  return rows;
}

TEST(ImageContract, IsTheTableOfTheDocument) {
  std::vector<std::string> rows;
  for (const auto& point : verify::contract()) {
    rows.push_back(fmt::format("| {} | {} | {}", point.number, point.only ? name_of(*point.only) : "all", point.title));
  }
  EXPECT_EQ(rows, rows_of_document());
}

/// A number never changes: results are recorded by it. The order of checks may differ from it.
TEST(ImageContract, NumbersItsPointsWithoutGaps) {
  std::set<std::string> numbers;
  for (const auto& point : verify::contract()) EXPECT_TRUE(numbers.emplace(point.number).second) << point.number;
  for (std::size_t number = 1; number <= verify::contract().size(); ++number) {
    EXPECT_TRUE(numbers.contains(fmt::format("C{}", number))) << number;
  }
}

TEST(ImageContract, NeedsOnlyEarlierPointsOfTheSameKinds) {
  std::set<std::string_view> earlier;
  for (const auto& point : verify::contract()) {
    for (const auto need : point.needs) EXPECT_TRUE(earlier.contains(need)) << point.number << " needs " << need;
    if (!point.only) earlier.insert(point.number);
    EXPECT_FALSE(point.remedy.empty()) << point.number;
  }
}

TEST(BootRecordingLog, GivesChunksInTheOrderOfTheirFirstReads) {
  // Lines of nbdkit 1.32.
  constexpr auto log = "2026-11-30 02:29:30.158125 connection=1 Connect export=\"\" tls=0 size=0x4bd0000 write=0\n"
                       "2026-11-30 02:29:30.158201 connection=1 Read id=1 offset=0x0 count=0x200 ...\n"
                       "2026-11-30 02:29:30.158250 connection=1 ...Read id=1 return=0\n"
                       "2026-11-30 02:29:30.158301 connection=1 Read id=2 offset=0x4bc0000 count=0x10000 ...\n"
                       "2026-11-30 02:29:30.158402 connection=1 Read id=3 offset=0x3ffff count=0x2 ...\n"
                       "2026-11-30 02:29:30.158403 connection=1 Flush id=4 ...\n";
  EXPECT_THAT(verify::chunks_in_log(log, 0x40000), ElementsAre(0, 0x12f, 1));
}

TEST(BootRecordingLog, IgnoresOtherLines) {
  EXPECT_THAT(verify::chunks_in_log("", 4096), IsEmpty());
  EXPECT_THAT(
      verify::chunks_in_log("connection=1 Read id=1 offset=0x count=0x10\nx Read \nRead offset=0x0 count=0x0", 4096),
      IsEmpty());
}

}  // namespace
}  // namespace rescue::tests
