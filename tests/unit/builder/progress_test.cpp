// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Progress of a build in its JSON file.
#include "images/builder/progress.hpp"
#include "tests/doubles/fake_clock.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace rescue::builder {
namespace {

class BuildProgress : public testing::Test {
protected:
  [[nodiscard]] nlohmann::json file() const {
    std::ifstream in(scratch.file("progress.json"));
    return nlohmann::json::parse(in);
  }

  tests::ScratchFolder scratch;
  tests::FakeClock clock;
  Progress progress{clock, "windows-2025", {scratch.file("progress.json"), false}};
};

TEST_F(BuildProgress, NamesPhaseStepAndElapsedTime) {
  progress.begin(Phase::prepare);
  clock.advance(std::chrono::seconds(7));
  progress.show_serial_log("/w/serial.log");
  progress.begin(Phase::install);
  progress.detail("copying files");
  const auto json = file();
  EXPECT_EQ(json["image"], "windows-2025");
  EXPECT_EQ(json["state"], "running");
  EXPECT_EQ(json["phase"], "install");
  EXPECT_EQ(json["step"], 4);
  EXPECT_EQ(json["steps"], 10);
  EXPECT_EQ(json["detail"], "copying files");
  EXPECT_EQ(json["elapsed_seconds"], 7);
  EXPECT_EQ(json["serial_log"], "/w/serial.log");
  EXPECT_TRUE(json["screenshot"].is_null());
  EXPECT_TRUE(json["percent"].is_null());
}

TEST_F(BuildProgress, WritesPercentsAtMostOnceASecond) {
  progress.begin(Phase::shrink);
  progress.percent(10);
  EXPECT_TRUE(file()["percent"].is_null());
  clock.advance(std::chrono::seconds(1));
  progress.percent(20);
  EXPECT_EQ(file()["percent"], 20);
  progress.begin(Phase::publish);
  EXPECT_TRUE(file()["percent"].is_null());
}

TEST_F(BuildProgress, EndsWithDoneOrWithTheError) {
  progress.begin(Phase::install);
  progress.failed("the installation hangs");
  EXPECT_EQ(file()["state"], "failed");
  EXPECT_EQ(file()["error"], "the installation hangs");
  progress.done();
  EXPECT_EQ(file()["state"], "done");
}

}  // namespace
}  // namespace rescue::builder
