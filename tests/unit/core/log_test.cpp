// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log_settings.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <thread>

namespace rescue::log {
namespace {

using nlohmann::json;

class JsonLog : public ::testing::Test {
protected:
  void SetUp() override {
    ::unsetenv("JOURNAL_STREAM");
    set_up("a-program");
    set_format(Format::json);
  }
  void TearDown() override { set_up("unit_core"); }

  template <class Work>
  static json line(Work work) {
    ::testing::internal::CaptureStderr();
    work();
    const auto text = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line: " << text;
    return json::parse(text);
  }
};

TEST_F(JsonLog, HasAnObjectOnEachLine) {
  const auto written = line([] { warning("a \"quoted\" word\nand another {}", "line"); });
  EXPECT_EQ(written["level"], "warning");
  EXPECT_EQ(written["program"], "a-program");
  EXPECT_EQ(written["message"], "a \"quoted\" word\nand another line");
  EXPECT_TRUE(written["time"].get<std::string>().ends_with("Z"));
}

TEST_F(JsonLog, HoldsNothingThatATerminalWouldObey) {
  EXPECT_EQ(line([] { info("it said \x1b[2J\xff and caf\xc3\xa9"); })["message"],
            "it said \\x1b[2J\\xff and caf\xc3\xa9");
  EXPECT_NE(recent().back().find("\\x1b[2J"), std::string::npos);
}

TEST_F(JsonLog, SaysWhatALineIsAbout) {
  const Context request("r-1");
  const About server("server", "web-01");
  const About nothing("task", "");
  {
    const About inner("server", "db-01");
    EXPECT_EQ(line([] { info("x"); })["server"], "db-01") << "the innermost wins";
  }
  const auto written = line([] { info("x"); });
  EXPECT_EQ(written["server"], "web-01");
  EXPECT_EQ(written["request"], "r-1");
  EXPECT_FALSE(written.contains("task"));
  const auto elsewhere = line([] { std::thread([] { info("x"); }).join(); });
  EXPECT_FALSE(elsewhere.contains("server")) << "a context is its thread's";
}

TEST_F(JsonLog, HasTheLevelThatWasSet) {
  set_level(Level::error);
  EXPECT_EQ(level(), Level::error);
  ::testing::internal::CaptureStderr();
  warning("x");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace rescue::log
