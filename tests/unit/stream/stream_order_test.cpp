// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Order of fetching: reads first, then read-ahead, the boot profile and the rest, within bandwidth and budget.
#include "images/stream/boot_profile.hpp"
#include "tests/unit/stream/streamed_file.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {
namespace {

using ::testing::ElementsAre;

class StreamOrder : public StreamedFile {
protected:
  /// Chunks in the order in which a mirror was asked for them.
  [[nodiscard]] std::vector<std::uint64_t> asked_for() const {
    std::vector<std::uint64_t> chunks;
    for (const auto& request : mirrors_[0]->requests()) chunks.push_back(request.first / chunk_size);
    return chunks;
  }
  [[nodiscard]] bool becomes_complete() const {
    return wait_until([&] { return status().value("complete", false); });
  }
};

TEST_F(StreamOrder, FetchesTheBootProfileInItsOrder) {
  add_mirror();
  settings_.connections = 1;
  settings_.profile = scratch_.write("profile", stream::boot_profile_text({20, 5, 7}));
  start_export();
  ASSERT_TRUE(wait_until([&] { return asked_for().size() >= 3; }));
  EXPECT_THAT(asked_for(), ElementsAre(20, 5, 7));
}

TEST_F(StreamOrder, FetchesOnlyWhatIsReadWithoutTheRest) {
  add_mirror();
  start_export();
  expect_right(30 * chunk_size, 100);
  expect_right(10 * chunk_size, 100);
  EXPECT_THAT(asked_for(), ElementsAre(30, 10));
}

TEST_F(StreamOrder, ReadsAheadOfASequentialReader) {
  add_mirror();
  settings_.read_ahead = 2;
  start_export();
  expect_right(10 * chunk_size, 100);
  expect_right(11 * chunk_size, 100);
  ASSERT_TRUE(wait_until([&] { return asked_for().size() >= 4; }));
  EXPECT_THAT(asked_for(), ::testing::UnorderedElementsAre(10, 11, 12, 13));
}

TEST_F(StreamOrder, FetchesTheRestAndThenNeedsNoMirror) {
  add_mirror();
  settings_.fetch_rest = true;
  start_export();
  ASSERT_TRUE(becomes_complete());
  EXPECT_EQ(asked_for().size(), 77U);  // each chunk once
  mirrors_[0]->stop();
  expect_all_right();
}

TEST_F(StreamOrder, FillsTheCacheAndEvictsNothingForTheRest) {
  add_mirror();
  settings_.fetch_rest = true;
  settings_.cache_bytes = 20 * chunk_size;
  start_export();
  ASSERT_TRUE(wait_until([&] { return count_at("/cache/chunks") == 20; }));
  expect_all_right();
  EXPECT_LE(count_at("/cache/chunks"), 20U);
}

TEST_F(StreamOrder, ServesAReadBeforeTheRest) {
  add_mirror().set_fault([&](http::Response&, const Mirror::Requested&) {
    std::this_thread::sleep_for(Milliseconds(20));  // a slow network
  });
  settings_.fetch_rest = true;
  start_export();
  ASSERT_TRUE(wait_until([&] { return asked_for().size() >= 4; }));
  expect_right(76 * chunk_size, 100);
  // Three transfers of the rest may have been running, and as many have begun before the read came.
  EXPECT_LT(asked_for().size(), 40U);
}

TEST_F(StreamOrder, KeepsToTheBandwidth) {
  add_mirror();
  settings_.bytes_per_second = 20 * chunk_size;
  start_export();
  const auto start = std::chrono::steady_clock::now();
  expect_right(0, 20 * chunk_size);
  EXPECT_GT(std::chrono::steady_clock::now() - start, Milliseconds(900));
}

TEST_F(StreamOrder, RecordsABootProfile) {
  add_mirror();
  settings_.record = scratch_.file("recorded");
  start_export();
  expect_right(30 * chunk_size, 100);
  expect_right(10 * chunk_size, 2 * chunk_size);
  expect_right(30 * chunk_size, 100);
  const auto recorded = [&] {
    return stream::parse_boot_profile(read_file_if_exists(settings_.record).value_or(""), 77);
  };
  EXPECT_TRUE(wait_until([&] { return recorded().size() == 3; }));
  EXPECT_THAT(recorded(), ElementsAre(30, 10, 11));
}

}  // namespace
}  // namespace rescue::tests
