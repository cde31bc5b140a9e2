// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/back_off.hpp"
#include "tests/doubles/fake_clock.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rescue::tests {
namespace {

TEST(BackOff, DoublesItsPausesUpToTheLongest) {
  FakeClock clock;
  BackOff back_off(clock, Milliseconds(60'000), {Milliseconds(500), Milliseconds(2'000)});
  std::vector<Milliseconds::rep> pauses;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const auto before = clock.now();
    EXPECT_TRUE(back_off.wait());
    pauses.push_back(std::chrono::duration_cast<Milliseconds>(clock.now() - before).count());
  }
  EXPECT_EQ(pauses, (std::vector<Milliseconds::rep>{500, 1'000, 2'000, 2'000, 2'000}));
}

TEST(BackOff, IsOverWhenTheNextPauseReachesTheDeadline) {
  FakeClock clock;
  BackOff back_off(clock, Milliseconds(1'600));
  EXPECT_EQ(back_off.left(), Milliseconds(1'600));
  EXPECT_FALSE(back_off.is_over());
  EXPECT_TRUE(back_off.wait());
  EXPECT_FALSE(back_off.is_over()) << "a second of 1.1 s";
  EXPECT_TRUE(back_off.wait());
  EXPECT_TRUE(back_off.is_over());
  EXPECT_EQ(back_off.left(), Milliseconds(100));
}

TEST(BackOff, IsStoppedOnRequest) {
  FakeClock clock;
  std::stop_source stop;
  stop.request_stop();
  BackOff back_off(clock, Milliseconds(60'000));
  EXPECT_FALSE(back_off.wait(stop.get_token()));
}

TEST(Polling, EndsWithTheConditionOrAtTheDeadline) {
  FakeClock clock;
  int calls = 0;
  EXPECT_TRUE(poll_until(clock, Milliseconds(100), Milliseconds(10), [&] { return ++calls == 3; }));
  EXPECT_EQ(calls, 3);
  const auto before = clock.now();
  EXPECT_FALSE(poll_until(clock, Milliseconds(100), Milliseconds(10), [] { return false; }));
  EXPECT_EQ(clock.now() - before, Milliseconds(100));
  EXPECT_FALSE(poll_until(clock, Milliseconds(0), Milliseconds(10), [] { return false; }));
  EXPECT_TRUE(poll_until(clock, Milliseconds(0), Milliseconds(10), [] { return true; })) << "it looks once in any case";
}

}  // namespace
}  // namespace rescue::tests
