// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Progress and silence of an installation, from samples and from its serial log.
#include "core/error.hpp"
#include "images/builder/setup_log.hpp"
#include "images/builder/setup_watch.hpp"
#include "tests/doubles/fake_clock.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace rescue::builder {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;

class SetupWatching : public testing::Test {
protected:
  /// Lets a minute pass and shows the sample.
  void a_minute_of(const MachineSample& sample) {
    clock.advance(minutes(1));
    watch.observe(sample);
  }

  tests::FakeClock clock;
  SetupWatch watch{clock, minutes(10), minutes(100)};
};

TEST_F(SetupWatching, EndsAnInstallationThatShowsNothingNew) {
  MachineSample sample{5, 0, 7, "a"};
  a_minute_of(sample);
  for (int minute = 0; minute < 9; ++minute) a_minute_of(sample);
  const auto error = tests::error_of([&] { a_minute_of(sample); });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_THAT(error.what(), HasSubstr("for 600 s no new screen"));
}

TEST_F(SetupWatching, TakesABlinkingCursorForNoProgress) {
  EXPECT_THROW(
      {
        for (int minute = 0; minute < 14; ++minute) a_minute_of({0, 0, 0, minute % 2 == 0 ? "on" : "off"});
      },
      Error);
}

TEST_F(SetupWatching, TakesTheLogOfAnIdleSystemForNoProgress) {
  EXPECT_THROW(
      {
        for (std::uint64_t minute = 0; minute < 14; ++minute) a_minute_of({minute << 10U, 0, 0, "a"});
      },
      Error);
}

TEST_F(SetupWatching, WaitsAsLongAsSomethingHappens) {
  MachineSample sample;
  for (std::uint64_t minute = 0; minute < 90; ++minute) {
    if (minute % 8 == 0) sample.written += std::uint64_t{1} << 20;
    if (minute % 8 == 2) ++sample.resets;
    if (minute % 8 == 4) ++sample.serial;
    if (minute % 8 == 6) sample.screen = std::to_string(minute);
    ASSERT_NO_THROW(a_minute_of(sample)) << minute;
  }
}

TEST_F(SetupWatching, AddsUpSmallWrites) {
  for (std::uint64_t minute = 0; minute < 60; ++minute)
    ASSERT_NO_THROW(a_minute_of({minute << 18U, 0, 0, "a"})) << minute;
}

TEST_F(SetupWatching, EndsAtTheTotalLimitWhateverHappens) {
  const auto error = tests::error_of([&] {
    for (std::uint64_t minute = 0; minute < 101; ++minute) a_minute_of({0, minute, 0, ""});
  });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_THAT(error.what(), HasSubstr("within 6000 s"));
}

TEST(SetupLogReading, FindsPhasesPercentsAndErrorsAsTheLogGrows) {
  const tests::ScratchFolder folder;
  SetupLog log(folder.file("serial.log"));
  EXPECT_TRUE(log.read().empty());
  std::ofstream out(folder.file("serial.log"), std::ios::binary);
  out << "SeaBIOS\r\nsetup: phase: copying files\r\nsetup: perc" << std::flush;
  auto lines = log.read();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].kind, SetupLine::Kind::phase);
  EXPECT_EQ(lines[0].text, "copying files");
  out << "ent: 40\r\n[  1.0] setup: error: no \x1b[31mdisk\r\n" << std::flush;
  lines = log.read();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].kind, SetupLine::Kind::percent);
  EXPECT_EQ(lines[0].text, "40");
  EXPECT_EQ(lines[1].kind, SetupLine::Kind::error);
  EXPECT_EQ(lines[1].text, "no \\x1b[31mdisk");
  EXPECT_TRUE(log.read().empty());
}

TEST(SetupLogReading, SurvivesALineWithoutAnEnd) {
  const tests::ScratchFolder folder;
  (void)folder.write("serial.log", std::string(100'000, 'x') + "\nsetup: phase: later\n");
  SetupLog log(folder.file("serial.log"));
  const auto lines = log.read();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].text, "later");
  EXPECT_EQ(log.size(), 100'021U);
}

}  // namespace
}  // namespace rescue::builder
