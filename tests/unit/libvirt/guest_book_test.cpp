// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/guest_book.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rescue::libvirt {
namespace {

using domain::GuestEventKind;

const auto far_away = [] { return std::chrono::steady_clock::now() + std::chrono::seconds(30); };

TEST(GuestBook, TellsAnEndOnce) {
  GuestBook book;
  book.note_running("g");
  EXPECT_EQ(book.running(), std::vector<std::string>{"g"});
  EXPECT_TRUE(book.note({GuestEventKind::crashed, "g"}));
  EXPECT_FALSE(book.note({GuestEventKind::stopped, "g"}));
  EXPECT_TRUE(book.running().empty());
  book.note_running("g");
  EXPECT_TRUE(book.note({GuestEventKind::stopped, "g"}));
}

TEST(GuestBook, KeepsAnAttemptToItself) {
  GuestBook book;
  book.begin_attempt("g");
  book.note_running("g");
  EXPECT_FALSE(book.note({GuestEventKind::crashed, "g"}));
  EXPECT_EQ(book.record("g").ends, 1U) << "whoever tries must see it";
  book.note_running("g");
  book.end_attempt("g");
  EXPECT_TRUE(book.note({GuestEventKind::stopped, "g"}));
}

TEST(GuestBook, AWaiterDoesNotMissWhatCameBeforeItWaited) {
  GuestBook book;
  book.note_running("g");
  const auto before = book.record("g");
  book.note({GuestEventKind::agent_connected, "g"});
  EXPECT_TRUE(book.wait_for_change("g", before, far_away(), {}));
  EXPECT_EQ(book.record("g").agent, true);
  book.note({GuestEventKind::stopped, "g"});
  EXPECT_TRUE(book.wait_for_end("g", before, far_away(), {}));
  EXPECT_EQ(book.record("g").agent, std::nullopt);
}

TEST(GuestBook, AStopRequestEndsTheWait) {
  GuestBook book;
  std::stop_source stop;
  std::jthread other([&] { stop.request_stop(); });
  EXPECT_FALSE(book.wait_for_end("g", {}, far_away(), stop.get_token()));
}

TEST(GuestBook, AnotherGuestsEndIsNotThisOnes) {
  GuestBook book;
  book.note({GuestEventKind::stopped, "other"});
  EXPECT_FALSE(book.wait_for_end("g", {}, std::chrono::steady_clock::now(), {}));
}

}  // namespace
}  // namespace rescue::libvirt
