// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Work that holds no thread while it waits, and threads for work that holds one.
#include "core/elastic_pool.hpp"
#include "core/in_turns.hpp"
#include "tests/doubles/fake_clock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

namespace rescue {
namespace {

InTurns say(std::string& said, std::string word, int times) {
  for (int i = 0; i < times; ++i) {
    said += word;
    co_yield Milliseconds(10 * (i + 1));
  }
}

InTurns say_both(std::string& said) {
  co_await say(said, "a", 2);
  said += "-";
  co_await say(said, "b", 1);
  said += ".";
}

InTurns fail_after(int turns) {
  for (int i = 0; i < turns; ++i) co_yield Milliseconds(1);
  throw std::runtime_error("failed");
}

InTurns catch_it(std::string& said) {
  try {
    co_await fail_after(1);
  } catch (const std::runtime_error& error) {
    said += error.what();
  }
  co_yield Milliseconds(5);
  said += " and gone on";
}

TEST(InTurns, GoOnWhereTheyWaited) {
  std::string said;
  auto work = say_both(said);
  EXPECT_EQ(said, "") << "nothing is done before the first turn";
  EXPECT_EQ(work.go_on(), Milliseconds(10));
  EXPECT_EQ(said, "a");
  EXPECT_EQ(work.go_on(), Milliseconds(20));
  EXPECT_EQ(work.go_on(), Milliseconds(10));
  EXPECT_EQ(said, "aa-b");
  EXPECT_EQ(work.go_on(), std::nullopt);
  EXPECT_EQ(said, "aa-b.");
}

TEST(InTurns, ThrowWhatTheirPartsThrow) {
  auto work = fail_after(1);
  EXPECT_TRUE(work.go_on());
  EXPECT_THROW((void)work.go_on(), std::runtime_error);
  std::string said;
  auto careful = catch_it(said);
  EXPECT_TRUE(careful.go_on());
  EXPECT_EQ(careful.go_on(), Milliseconds(5));
  EXPECT_EQ(careful.go_on(), std::nullopt);
  EXPECT_EQ(said, "failed and gone on");
}

TEST(InTurns, LetGoOfWhatTheyHoldWhenTheyAreLeft) {
  const auto held = std::make_shared<int>(1);
  {
    auto work = [](std::shared_ptr<int> kept) -> InTurns {
      co_yield Milliseconds(1);
      ++*kept;
    }(held);
    EXPECT_TRUE(work.go_on());
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 1);
}

TEST(InTurns, AreDoneByOneWhoWaits) {
  tests::FakeClock clock;
  const auto began = clock.now();
  std::string said;
  EXPECT_TRUE(do_all_turns(say_both(said), clock, {}));
  EXPECT_EQ(clock.now() - began, Milliseconds(40));
  std::stop_source stop;
  stop.request_stop();
  said.clear();
  EXPECT_FALSE(do_all_turns(say_both(said), clock, stop.get_token()));
  EXPECT_EQ(said, "a") << "it stays where it is";
}

TEST(ElasticPool, HasAThreadForEachUpToItsBound) {
  ElasticPool pool(3);
  std::promise<void> let_go;
  const auto gone = let_go.get_future().share();
  std::atomic<int> running{0};
  std::atomic<int> done{0};
  const auto work = [&] {
    ++running;
    gone.wait();
    ++done;
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.try_run(work));
  while (running < 3) std::this_thread::yield();
  EXPECT_FALSE(pool.try_run(work)) << "all are at work";
  let_go.set_value();
  while (!pool.try_run([&] { ++done; })) std::this_thread::yield();
  pool.stop();
  EXPECT_EQ(done, 4) << "what was taken is done";
  EXPECT_FALSE(pool.try_run(work));
}

}  // namespace
}  // namespace rescue
