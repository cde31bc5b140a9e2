// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The parts of a stream by themselves: ranges, mirrors, cache, order, settings, status.
#include "core/file.hpp"
#include "images/stream/boot_profile.hpp"
#include "images/stream/chunk_cache.hpp"
#include "images/stream/mirrors.hpp"
#include "images/stream/prefetch.hpp"
#include "images/stream/range_reader.hpp"
#include "images/stream/settings.hpp"
#include "images/stream/status.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace rescue::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ContentRange, IsReadAsTheStandardHasIt) {
  const auto range = stream::parse_content_range("bytes 5-9/20");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 5U);
  EXPECT_EQ(range->last, 9U);
  EXPECT_EQ(range->total, 20U);
  EXPECT_FALSE(stream::parse_content_range("bytes 5-9/*")->total);
}

TEST(ContentRange, IsRefusedInAnyOtherForm) {
  for (const char* text : {"", "bytes", "bytes */20", "bytes 9-5/20", "bytes 5-20/20", "bytes 5-9/20 ", "items 5-9/20",
                           "bytes 5-9", "bytes -5-9/20", "bytes 5-99999999999999999999/20"}) {
    EXPECT_FALSE(stream::parse_content_range(text)) << text;
  }
}

class MirrorChoice : public ::testing::Test {
protected:
  std::optional<std::size_t> choose(bool urgent) {
    return mirrors_.choose(now_, urgent, [](std::size_t) { return true; });
  }
  stream::Mirrors mirrors_{{"http://a", "http://b"}, Milliseconds(1'000)};
  SteadyTime now_{std::chrono::hours(1)};
};

TEST_F(MirrorChoice, PrefersTheFirst) {
  EXPECT_EQ(choose(true), 0U);
  mirrors_.succeeded(0, 1);
  EXPECT_EQ(choose(false), 0U);
}

TEST_F(MirrorChoice, LeavesAFailedOneAloneForLongerEachTime) {
  for (const auto pause : {250, 500, 1000, 1000}) {
    EXPECT_EQ(choose(false), 0U);
    mirrors_.failed(0, "is away", now_);
    now_ += Milliseconds(pause - 1);
    EXPECT_EQ(choose(false), 1U);
    mirrors_.succeeded(1, 1);
    now_ += Milliseconds(1);
  }
}

TEST_F(MirrorChoice, ProbesAFailedOneForAReadOnlyWithoutAnother) {
  (void)choose(true);
  mirrors_.failed(0, "is away", now_);
  now_ += std::chrono::minutes(1);
  EXPECT_EQ(choose(true), 1U);
  mirrors_.failed(1, "is away", now_);
  EXPECT_EQ(choose(true), 0U);
  EXPECT_EQ(choose(true), std::nullopt);  // one probe at a time
  mirrors_.succeeded(0, 1);
  EXPECT_EQ(choose(true), 0U);
}

TEST_F(MirrorChoice, PutsOneWithAnotherFileLast) {
  for (int count = 0; count < 3; ++count) {
    EXPECT_EQ(choose(true), 0U);
    mirrors_.sent_wrong(0, 7);
  }
  EXPECT_EQ(choose(true), 1U);
  EXPECT_EQ(mirrors_.reports()[0].wrong_chunks, 3U);
}

class Cache : public ::testing::Test {
protected:
  static constexpr std::uint64_t size = 4096;
  Cache() { scratch_.write("image", content_); }
  [[nodiscard]] std::string chunk(std::size_t index) const { return content_.substr(index * size, size); }
  [[nodiscard]] std::string read(stream::ChunkCache& cache, std::size_t index) const {
    std::string bytes(size, '\0');
    return cache.read(index, 0, bytes) ? bytes : "absent";
  }
  static std::string pattern() {
    std::string bytes;
    for (std::size_t at = 0; at < 20 * size; ++at) bytes += static_cast<char>('a' + at / size);
    return bytes;
  }
  ScratchFolder scratch_;
  const std::string content_ = pattern();
  images::ChunkDigests digests_ = [this] {
    scratch_.write("image", content_);
    return images::ChunkDigests::of_file(scratch_.file("image"), size);
  }();
};

TEST_F(Cache, EvictsWhatWasReadLeastRecently) {
  stream::ChunkCache cache(scratch_.file("cache"), digests_, 8 * size);
  for (std::size_t index = 0; index < 8; ++index) cache.store(index, chunk(index), true);
  EXPECT_EQ(read(cache, 0), chunk(0));
  cache.store(8, chunk(8), true);
  EXPECT_EQ(read(cache, 0), chunk(0));
  EXPECT_EQ(read(cache, 1), "absent");
  EXPECT_EQ(read(cache, 8), chunk(8));
  EXPECT_EQ(cache.report().chunks, 8U);
}

TEST_F(Cache, EvictsNothingForWhatNobodyWaitsFor) {
  stream::ChunkCache cache(scratch_.file("cache"), digests_, 8 * size);
  for (std::size_t index = 0; index < 9; ++index) cache.store(index, chunk(index), false);
  EXPECT_EQ(read(cache, 8), "absent");
  EXPECT_EQ(read(cache, 0), chunk(0));
  EXPECT_FALSE(cache.has_room());
}

TEST_F(Cache, GivesTheMemoryOfEvictedChunksBack) {
  stream::ChunkCache cache(scratch_.file("cache"), digests_, 8 * size);
  for (std::size_t index = 0; index < 20; ++index) cache.store(index, chunk(index), true);
  struct stat status {};
  ASSERT_EQ(::stat(scratch_.file("cache").c_str(), &status), 0);
  EXPECT_LE(static_cast<std::uint64_t>(status.st_blocks) * 512, 8 * size);
}

TEST_F(Cache, TakesUpVerifiedLeftOversOnly) {
  {
    stream::ChunkCache cache(scratch_.file("cache"), digests_, 0);
    for (std::size_t index = 0; index < 4; ++index) cache.store(index, chunk(index), true);
  }
  {
    std::fstream file(scratch_.file("cache"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(2 * size);
    file << "x";
  }
  stream::ChunkCache cache(scratch_.file("cache"), digests_, 0);
  EXPECT_EQ(read(cache, 1), "absent");  // not before it is verified
  EXPECT_TRUE(cache.adopt(1));
  EXPECT_EQ(read(cache, 1), chunk(1));
  EXPECT_FALSE(cache.adopt(2));
  EXPECT_EQ(read(cache, 2), "absent");
  EXPECT_FALSE(cache.adopt(9));
}

TEST_F(Cache, DropsAChunkThatADiskReturnsWrong) {
  stream::ChunkCache cache(scratch_.file("cache"), digests_, 0);
  cache.store(3, chunk(3), true);
  std::fstream(scratch_.file("cache"), std::ios::in | std::ios::out | std::ios::binary).seekp(3 * size) << "x";
  struct statfs system {};
  ASSERT_EQ(::statfs(scratch_.file("cache").c_str(), &system), 0);
  if (system.f_type == TMPFS_MAGIC) GTEST_SKIP() << "the scratch folder is in memory, which is trusted";
  EXPECT_EQ(read(cache, 3), "absent");
  EXPECT_THAT(cache.report().fault, HasSubstr("cannot read chunk 3"));
  EXPECT_FALSE(cache.has(3));
}

TEST_F(Cache, StartsAnewForAnImageOfAnotherSize) {
  scratch_.write("cache", std::string(100, 'x'));
  const stream::ChunkCache cache(scratch_.file("cache"), digests_, 0);
  EXPECT_EQ(cache.report().chunks, 0U);
}

TEST_F(Cache, BelongsToOneExporter) {
  // Two would make holes under each other, and memory is not verified at each read.
  auto first = std::make_unique<stream::ChunkCache>(scratch_.file("cache"), digests_, 0);
  first->store(3, chunk(3), true);
  const auto error = error_of([&] { const stream::ChunkCache other(scratch_.file("cache"), digests_, 0, {}); });
  EXPECT_EQ(error.code(), ErrorCode::conflict);
  EXPECT_THAT(error.what(), HasSubstr("another exporter"));
  EXPECT_EQ(read(*first, 3), chunk(3));
  first.reset();
  stream::ChunkCache next(scratch_.file("cache"), digests_, 0, {});
  EXPECT_TRUE(next.adopt(3));
}

TEST_F(Cache, FollowsNoSymbolicLink) {
  scratch_.write("elsewhere", "kept");
  std::filesystem::create_symlink(scratch_.file("elsewhere"), scratch_.file("cache"));
  const auto error = error_of([&] { const stream::ChunkCache cache(scratch_.file("cache"), digests_, 0); });
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_EQ(read_file(scratch_.file("elsewhere")), "kept");
}

TEST_F(Cache, VerifiesLeftOversWithoutAReader) {
  {
    stream::ChunkCache cache(scratch_.file("cache"), digests_, 0);
    for (std::size_t index = 0; index < 4; ++index) cache.store(index, chunk(index), true);
  }
  std::fstream(scratch_.file("cache"), std::ios::in | std::ios::out | std::ios::binary).seekp(2 * size) << "x";
  stream::ChunkCache cache(scratch_.file("cache"), digests_, 0);
  EXPECT_TRUE(cache.has_left_overs());
  while (cache.adopt_next()) EXPECT_LE(cache.report().chunks, 4U);
  EXPECT_FALSE(cache.has_left_overs());
  EXPECT_EQ(cache.report().verified_chunks, 3U);
  EXPECT_FALSE(cache.has(2));
}

TEST_F(Cache, EvictsNothingUnderAReader) {
  // In memory, where chunks are not verified at each read: an evicted one would read as zeros.
  struct statfs system {};
  if (::statfs("/dev/shm", &system) != 0 || system.f_type != TMPFS_MAGIC) GTEST_SKIP() << "/dev/shm is no tmpfs";
  const auto path = "/dev/shm/rescue-test-cache." + std::to_string(::getpid());
  stream::ChunkCache cache(path, digests_, 8 * size);
  ::unlink(path.c_str());
  std::atomic<bool> ended = false;
  std::atomic<unsigned> wrong = 0;
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t index = thread; !ended; index = (index + 7) % 20) {
        const auto bytes = read(cache, index);
        if (bytes != "absent" && bytes != chunk(index)) ++wrong;
      }
    });
  }
  for (std::size_t count = 0; count < 30'000; ++count) cache.store(count % 20, chunk(count % 20), true);
  ended = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0U);
}

std::vector<std::size_t> all_of(stream::Prefetch& prefetch, bool has_room = true, bool is_idle = true) {
  std::vector<std::size_t> chunks;
  while (const auto choice = prefetch.next(has_room, is_idle, [](std::size_t) { return true; })) {
    chunks.push_back(choice->chunk);
  }
  return chunks;
}

TEST(Prefetch, TakesReadAheadThenProfileThenRest) {
  stream::Prefetch prefetch(6, {4, 2}, {1, true});
  prefetch.note_read(0);
  prefetch.note_read(1);
  EXPECT_THAT(all_of(prefetch), ElementsAre(2, 4, 2, 0, 1, 2, 3, 4, 5));
  EXPECT_TRUE(prefetch.is_done());
}

TEST(Prefetch, KeepsTheRestForIdleTimesAndRoom) {
  stream::Prefetch prefetch(3, {1}, {1, true});
  EXPECT_THAT(all_of(prefetch, false), ElementsAre());
  EXPECT_THAT(all_of(prefetch, true, false), ElementsAre(1));
  EXPECT_THAT(all_of(prefetch), ElementsAre(0, 1, 2));
}

TEST(Prefetch, FollowsSequentialReadsOnly) {
  stream::Prefetch prefetch(100, {}, {2, false});
  for (const std::size_t chunk : {50, 10, 90, 10, 10}) prefetch.note_read(chunk);
  EXPECT_THAT(all_of(prefetch), ElementsAre());
  prefetch.note_read(51);
  EXPECT_THAT(all_of(prefetch), ElementsAre(52, 53));
}

TEST(BootProfile, IgnoresWhatIsNoChunk) {
  EXPECT_THAT(stream::parse_boot_profile("rescue-boot-profile 1\n3\nx\n3\n99\n-1\n0\n", 10), ElementsAre(3, 0));
  EXPECT_THAT(stream::parse_boot_profile("1\n2\n", 10), ElementsAre());
  EXPECT_THAT(stream::parse_boot_profile(stream::boot_profile_text({7, 1}), 10), ElementsAre(7, 1));
}

TEST(StreamSettings, AreReadAsTheyWereWritten) {
  stream::Settings settings;
  settings.mirrors = {"http://a/x", "https://b/x"};
  settings.digests = "/d";
  settings.digests_sha256 = "00";
  settings.cache = "/c";
  settings.status = "/s";
  settings.profile = "/p";
  settings.bytes_per_second = 7;
  settings.read_limit = Milliseconds(1234);
  const auto again = stream::Settings::parse(rescue::Document::from_json("settings", settings.json().dump()));
  EXPECT_EQ(again.json(), settings.json());
}

TEST(StreamSettings, AreRefusedWithTheNameOfTheField) {
  const auto fault = [](const char* change) {
    nlohmann::json value{
        {"mirrors", {"http://a/x"}}, {"digests", "/d"}, {"digests_sha256", "0"}, {"cache", "/c"}, {"status", "/s"}};
    value.update(nlohmann::json::parse(change));
    return std::string(
        error_of([&] { (void)stream::Settings::parse(rescue::Document::from_json("s.json", value.dump())); }).what());
  };
  EXPECT_THAT(fault(R"({"mirrors": []})"), HasSubstr("mirrors: must name 1 to 16 URLs"));
  EXPECT_THAT(fault(R"({"mirrors": ["file:///etc/passwd"]})"), HasSubstr("mirrors: must be http or https"));
  EXPECT_THAT(fault(R"({"mirrors": ["https://user:secret@a/x"]})"), HasSubstr("must not hold a user or password"));
  EXPECT_THAT(fault(R"({"mirrors": ["https://user:secret@a/x"]})"), ::testing::Not(HasSubstr("secret@")));
  EXPECT_THAT(fault(R"({"mirrors": ["https://a/x\ny"]})"), HasSubstr("blanks or control characters"));
  EXPECT_THAT(fault(R"({"cache": "relative"})"), HasSubstr("cache: must be an absolute path"));
  EXPECT_THAT(fault(R"({"chache": "/c"})"), HasSubstr("chache"));
}

TEST(StreamStatus, IsReadAsItWasWritten) {
  const ScratchFolder scratch;
  stream::Status status;
  status.state = stream::State::failed;
  status.reason = "no mirror: \xff";
  status.failed_reads = 3;
  const auto path = scratch.write("status", stream::status_text(status));
  const auto summary = stream::read_status(path);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->state, stream::State::failed);
  EXPECT_THAT(summary->reason, HasSubstr("no mirror: "));
  EXPECT_EQ(summary->failed_reads, 3U);
  scratch.write("status", "{");
  EXPECT_FALSE(stream::read_status(path));
  EXPECT_FALSE(stream::read_status(scratch.file("absent")));
}

}  // namespace
}  // namespace rescue::tests
