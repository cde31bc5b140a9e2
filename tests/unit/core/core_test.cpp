// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "core/rfc3339.hpp"
#include "core/secret.hpp"
#include "core/subprocess.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <type_traits>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

Command command(std::vector<std::string> argv) {
  Command result;
  result.argv = std::move(argv);
  return result;
}

TEST(Error, TellsTheWholeChainAndTheFirstHint) {
  try {
    try {
      throw Error(ErrorCode::io, "inner", "do this");
    } catch (const Error&) {
      std::throw_with_nested(Error(ErrorCode::network, "outer"));
    }
  } catch (const std::exception& error) {
    const auto report = report_of(error);
    EXPECT_EQ(report.code, ErrorCode::network);
    EXPECT_EQ(report.one_line(), "outer: inner");
    EXPECT_EQ(report.hint, "do this");
  }
}

TEST(Error, NamesAreStableBothWays) {
  for (int value = 0; value <= static_cast<int>(ErrorCode::internal); ++value) {
    const auto code = static_cast<ErrorCode>(value);
    EXPECT_EQ(error_code_of(name_of(code)), code);
  }
  EXPECT_EQ(error_code_of("of a newer version"), ErrorCode::internal);
}

TEST(Secret, CantBeCopiedOrFormatted) {
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!fmt::is_formattable<Secret>::value);
  const Secret secret("geheim");
  EXPECT_TRUE(secret.equals(secret.clone()));
  EXPECT_FALSE(secret.equals(Secret("geheiM")));
}

TEST(Secret, IsWipedWhereAStringHadToCarryIt) {
  std::string text = "geheim";
  const char* const bytes = text.data();
  wipe(text);
  EXPECT_EQ(std::string(bytes, 6).find("geheim"), std::string::npos);
}

TEST(Subprocess, CapturesBothOutputsAndTheStatus) {
  const auto done = run(command({"sh", "-c", "echo out; echo err >&2; exit 7"}));
  EXPECT_EQ(done.status, 7);
  EXPECT_EQ(done.out, "out\n");
  EXPECT_EQ(done.err, "err\n");
}

TEST(Subprocess, PassesArgumentsAsTheyAre) {
  EXPECT_EQ(run(command({"printf", "%s", "$(id) ; 'x' \n"})).out, "$(id) ; 'x' \n");
}

TEST(Subprocess, FeedsMoreThanAPipeHolds) {
  auto cat = command({"cat"});
  cat.input = std::string(1 << 20, 'x');
  EXPECT_EQ(run(cat).out, cat.input);
}

TEST(Subprocess, SurvivesAProgramThatReadsNothing) {
  auto deaf = command({"true"});
  deaf.input = std::string(1 << 20, 'x');
  EXPECT_EQ(run(deaf).status, 0);
}

TEST(Subprocess, GivesASecretByStdinOnly) {
  const Secret secret("geheim");
  auto cat = command({"sh", "-c", "tr '\\0' ' ' < /proc/$$/cmdline; cat"});
  cat.secret_input = &secret;
  const auto done = run(cat);
  EXPECT_THAT(done.out, ::testing::EndsWith("geheim"));
  EXPECT_EQ(done.out.find("geheim"), done.out.size() - 6);
}

TEST(Subprocess, IsInTheDebugLogWithoutItsInput) {
  log::set_up("unit_core", log::Level::debug);
  const Secret secret("geheim");
  auto cat = command({"cat", "-"});
  cat.input = "input";
  cat.secret_input = &secret;
  (void)run(cat);
  const auto line = log::recent().back();
  log::set_up("unit_core");
  EXPECT_THAT(line, HasSubstr("ran cat -: status 0, "));
  EXPECT_THAT(line, ::testing::EndsWith(" ms"));
  EXPECT_THAT(line, ::testing::Not(::testing::AnyOf(HasSubstr("input"), HasSubstr("geheim"))));
}

TEST(Subprocess, KillsTheWholeGroupAtItsTimeLimit) {
  auto sleeper = command({"sh", "-c", "sleep 1000 & sleep 1000"});
  sleeper.time_limit = Milliseconds(100);
  const auto done = run(sleeper);
  EXPECT_TRUE(done.timed_out);
  EXPECT_EQ(error_of([&] { run_checked(sleeper); }).code(), ErrorCode::timeout);
}

TEST(Subprocess, DoesNotWaitForADaemonThatKeepsThePipe) {
  auto parent = command({"sh", "-c", "sleep 5 & echo started"});
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(run(parent).out, "started\n");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(4));
}

TEST(Subprocess, SaysWhichProgramIsMissing) {
  const auto error = error_of([] { (void)run(command({"no-such-program"})); });
  EXPECT_EQ(error.code(), ErrorCode::subprocess);
  EXPECT_THAT(error.what(), HasSubstr("no-such-program"));
  EXPECT_THAT(error.hint(), HasSubstr("package"));
}

TEST(File, IsReplacedAsAWholeWithItsMode) {
  const ScratchFolder folder;
  const auto path = folder.write("a", "old");
  write_file_atomically(path, "new", 0600);
  EXPECT_EQ(read_file(path), "new");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(File, KeepsTheOldContentWhenItCantBeReplaced) {
  const ScratchFolder folder;
  EXPECT_THROW(write_file_atomically(folder.file("missing/a"), "new", 0600), Error);
  EXPECT_FALSE(read_file_if_exists(folder.file("missing/a")));
}

TEST(File, RefusesASecretThatOthersMayRead) {
  const ScratchFolder folder;
  const auto path = folder.write("token", "geheim\n");
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  const auto error = error_of([&] { (void)read_secret_file(path); });
  EXPECT_EQ(error.code(), ErrorCode::denied);
  EXPECT_THAT(error.hint(), HasSubstr("chmod 0600"));
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(read_secret_file(path).reveal(), "geheim");
}

TEST(File, IsRemovedOnceAndForAll) {
  const ScratchFolder folder;
  const auto path = folder.write("a", "x");
  remove_file_durably(path);
  remove_file_durably(path);
  EXPECT_FALSE(read_file_if_exists(path));
}

TEST(Clock, WritesTimesInUtc) {
  EXPECT_EQ(rfc3339(WallTime(Milliseconds(1'763'713'459'250))), "2025-11-21T08:24:19.250Z");
}

TEST(Rfc3339, IsReadAsItIsWritten) {
  for (const auto ms : {0LL, 1'763'713'459'250LL, 4'102'444'799'999LL}) {
    const WallTime time{Milliseconds(ms)};
    EXPECT_EQ(parse_rfc3339(rfc3339(time)), time);
  }
  for (const auto* const text : {"", "2026-11-30T18:00:00Z", "2026-11-30T18:00:00.000+", "2026-02-30T18:00:00.000Z",
                                 "2026-11-30T24:00:00.000Z", "1969-11-30T18:00:00.000Z", "2026-11-30 18:00:00.000Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Clock, WakesWhenStopped) {
  std::stop_source stop;
  stop.request_stop();
  SystemClock clock;
  EXPECT_FALSE(clock.sleep_for(std::chrono::hours(1), stop.get_token()));
  EXPECT_TRUE(clock.sleep_for(Milliseconds(1)));
}

TEST(Log, RemembersItsLastLines) {
  log::set_up("core_test");
  log::info("a line {}", 7);
  EXPECT_THAT(log::recent().back(), HasSubstr("core_test info: a line 7"));
}

TEST(FolderOf, IsNotMadeOfALink) {
  const tests::ScratchFolder folder;
  make_folder_of(folder.file("own"), 0700, ::geteuid(), ::getegid());
  make_folder_of(folder.file("own"), 0711, ::geteuid(), ::getegid());
  EXPECT_EQ(std::filesystem::status(folder.file("own")).permissions(), std::filesystem::perms(0711));
  make_folder(folder.file("another's"), 0755);
  std::filesystem::create_directory_symlink(folder.file("another's"), folder.file("link"));
  EXPECT_THROW(make_folder_of(folder.file("link"), 0700, ::geteuid(), ::getegid()), Error);
  EXPECT_EQ(std::filesystem::status(folder.file("another's")).permissions(), std::filesystem::perms(0755));
}

}  // namespace
}  // namespace rescue::tests
