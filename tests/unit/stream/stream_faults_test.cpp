// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Mirrors that lie, stall, send wrong data and go away: a read gets the right bytes, waits, or fails.
#include "tests/unit/stream/streamed_file.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

/// Flips a bit of one chunk.
Mirror::Fault wrong_in(std::uint64_t chunk) {
  return [chunk](http::Response& response, const Mirror::Requested& range) {
    if (range.first / chunk_size == chunk) response.body[100] = static_cast<char>(response.body[100] ^ 1);
  };
}

class StreamWithFaults : public StreamedFile {};

TEST_F(StreamWithFaults, ServesTheRightBytesFromAGoodMirror) {
  add_mirror();
  start_export();
  expect_right(0, 1);
  expect_right(chunk_size - 3, 7);
  expect_right(file_size - 5, 5);
  expect_all_right();
  EXPECT_TRUE(status_becomes("serving"));
}

TEST_F(StreamWithFaults, FetchesAWrongChunkAgainFromAnotherMirror) {
  add_mirror().set_fault(wrong_in(3));
  add_mirror();
  start_export();
  expect_all_right();
  EXPECT_TRUE(wait_until([&] { return count_at("/mirrors/0/wrong_chunks") == 1; })) << status();
  const auto requests = mirrors_[1]->requests();
  ASSERT_EQ(requests.size(), 1U);  // the first mirror stays the preferred one
  EXPECT_EQ(requests[0].first, 3 * chunk_size);
}

TEST_F(StreamWithFaults, WaitsForARightChunkWhereEveryMirrorIsWrong) {
  add_mirror().set_fault(wrong_in(3));
  settings_.read_limit = Milliseconds(30'000);
  start_export();
  auto late = std::async(std::launch::async, [&] { return read(3 * chunk_size, 4096); });
  ASSERT_TRUE(status_becomes("waiting"));
  EXPECT_THAT(status()["reason"].get<std::string>(), HasSubstr("sent wrong data for chunk 3"));
  expect_right(4 * chunk_size, 4096);  // others are served meanwhile
  mirrors_[0]->set_fault({});
  const auto result = late.get();
  EXPECT_EQ(result.error, 0);
  EXPECT_TRUE(result.bytes == content_.substr(3 * chunk_size, 4096));
  EXPECT_TRUE(status_becomes("serving"));
}

TEST_F(StreamWithFaults, NeverServesAWrongChunk) {
  add_mirror().set_fault(wrong_in(3));
  settings_.read_limit = Milliseconds(700);
  start_export();
  EXPECT_EQ(read(3 * chunk_size, 4096).error, EIO);
  EXPECT_EQ(read(2 * chunk_size, 3 * chunk_size).error, EIO);
  EXPECT_TRUE(status_becomes("failed"));
}

TEST_F(StreamWithFaults, RefusesAServerThatIgnoresRanges) {
  // It announces ranges, and answers 200 with the start of the file for every offset; so does a proxy without Range.
  add_mirror().set_fault([&](http::Response& response, const Mirror::Requested&) {
    response.status = 200;
    response.body = content_;
  });
  settings_.read_limit = Milliseconds(700);
  start_export();
  EXPECT_EQ(read(5 * chunk_size, 4096).error, EIO);
  EXPECT_EQ(read(0, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(status()["reason"].get<std::string>(), HasSubstr("ignores ranges"));
}

TEST_F(StreamWithFaults, UsesAnotherMirrorThanOneThatIgnoresRanges) {
  add_mirror().set_fault([&](http::Response& response, const Mirror::Requested&) {
    response.status = 200;
    response.body = content_;
  });
  add_mirror();
  start_export();
  expect_all_right();
}

TEST_F(StreamWithFaults, RefusesAnotherRangeThanTheRequestedOne) {
  add_mirror().set_fault([&](http::Response& response, const Mirror::Requested& range) {
    const auto length = range.last - range.first + 1;
    response.body = content_.substr(0, length);
    response.headers.back().second = fmt::format("bytes 0-{}/{}", length - 1, file_size);
  });
  settings_.read_limit = Milliseconds(700);
  start_export();
  EXPECT_EQ(read(5 * chunk_size, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(status()["reason"].get<std::string>(), HasSubstr("answered with bytes 0-65535 instead of"));
}

TEST_F(StreamWithFaults, RefusesATruncatedFile) {
  add_mirror(content_.substr(0, file_size / 2));
  settings_.read_limit = Milliseconds(700);
  start_export();
  EXPECT_EQ(read(file_size - 4096, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(status()["reason"].get<std::string>(), HasSubstr("has a shorter file"));
  EXPECT_EQ(read(0, 4096).error, EIO);
  EXPECT_TRUE(wait_until([&] {
    return status()["reason"].get<std::string>().find("has a file of 2500061 bytes, but the image has 5000123") !=
           std::string::npos;
  })) << status();
}

TEST_F(StreamWithFaults, GoesOnWithTheNextMirrorWhenOneDies) {
  add_mirror();
  add_mirror();
  start_export();
  expect_right(0, 10 * chunk_size);
  EXPECT_TRUE(mirrors_[1]->requests().empty());
  mirrors_[0]->stop();
  expect_all_right();
  EXPECT_FALSE(mirrors_[1]->requests().empty());
}

TEST_F(StreamWithFaults, UsesAnotherMirrorThanOneThatStalls) {
  const auto released = std::make_shared<std::atomic<bool>>(false);  // its handlers end after the test's body
  add_mirror().set_fault([released](http::Response&, const Mirror::Requested&) {
    EXPECT_TRUE(wait_until([&] { return released->load(); }));
  });
  add_mirror();
  settings_.request_limit = Milliseconds(300);
  start_export();
  expect_right(0, 4 * chunk_size);
  EXPECT_TRUE(wait_until([&] { return count_at("/mirrors/0/failures") > 0; }));
  EXPECT_THAT(status()["mirrors"][0]["fault"].get<std::string>(), HasSubstr("was too slow"));
  *released = true;
}

TEST_F(StreamWithFaults, WaitsWhileAllMirrorsAreAway) {
  add_mirror();
  add_mirror();
  settings_.read_limit = Milliseconds(30'000);
  start_export();
  expect_right(0, 4096);
  for (auto& mirror : mirrors_) mirror->stop();
  auto late = std::async(std::launch::async, [&] { return read(9 * chunk_size, 4096); });
  ASSERT_TRUE(status_becomes("waiting"));
  EXPECT_THAT(status()["reason"].get<std::string>(), HasSubstr("does not answer"));
  expect_right(0, 4096);  // what is there is served
  mirrors_[1]->start();
  const auto result = late.get();
  EXPECT_EQ(result.error, 0);
  EXPECT_TRUE(result.bytes == content_.substr(9 * chunk_size, 4096));
  EXPECT_TRUE(status_becomes("serving"));
}

TEST_F(StreamWithFaults, RecoversByItselfAfterAReadHasFailed) {
  add_mirror();
  settings_.read_limit = Milliseconds(700);
  start_export();
  mirrors_[0]->stop();
  EXPECT_EQ(read(9 * chunk_size, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_EQ(status()["failed_reads"], 1);
  mirrors_[0]->start();
  // Fetched without a further read: the guest is paused, and is resumed by this state.
  EXPECT_TRUE(status_becomes("serving"));
  mirrors_[0]->stop();
  expect_right(9 * chunk_size, 4096);
}

TEST_F(StreamWithFaults, DoesNotWaitForAStalledPrefetchOfTheSameChunk) {
  const auto released = std::make_shared<std::atomic<bool>>(false);  // its handlers end after the test's body
  add_mirror().set_fault([released](http::Response&, const Mirror::Requested&) {
    EXPECT_TRUE(wait_until([&] { return released->load(); }));
  });
  add_mirror();
  settings_.profile = scratch_.write("profile", "rescue-boot-profile 1\n20\n");
  settings_.request_limit = Milliseconds(30'000);
  settings_.read_limit = Milliseconds(8'000);
  start_export();
  ASSERT_TRUE(wait_until([&] { return !mirrors_[0]->requests().empty(); }));
  expect_right(20 * chunk_size, 4096);  // by the other mirror, long before the first one has failed
  EXPECT_EQ(mirrors_[1]->requests().size(), 1U);
  *released = true;
}

TEST_F(StreamWithFaults, AsksOneMirrorOnceForAChunkThatTakesLong) {
  add_mirror().set_fault([](http::Response&, const Mirror::Requested&) {
    std::this_thread::sleep_for(Milliseconds(3'000));  // a slow network
  });
  start_export();
  expect_right(0, 4096);
  EXPECT_EQ(mirrors_[0]->requests().size(), 1U);
}

TEST_F(StreamWithFaults, RefusesACompressedAnswer) {
  add_mirror().set_fault([](http::Response& response, const Mirror::Requested&) {
    response.headers.emplace_back("Content-Encoding", "gzip");
  });
  settings_.read_limit = Milliseconds(700);
  start_export();
  EXPECT_EQ(read(0, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(status()["reason"].get<std::string>(), HasSubstr("compresses its answers"));
}

TEST_F(StreamWithFaults, PrintsNoControlCharactersOfAServer) {
  add_mirror().set_fault(
      [](http::Response& response, const Mirror::Requested&) { response.headers.back().second = "bytes [2J\xc2\x9b"; });
  settings_.read_limit = Milliseconds(700);
  start_export();
  EXPECT_EQ(read(0, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(status()["reason"].get<std::string>(), HasSubstr("bytes [2J\\u009b"));
  EXPECT_THAT(log(), ::testing::Not(HasSubstr("\xc2\x9b")));
}

TEST_F(StreamWithFaults, KeepsConcurrentReadersRight) {
  // Every fifth answer of one mirror is wrong, and the cache holds a tenth of the file.
  const auto answers = std::make_shared<std::atomic<unsigned>>(0);
  add_mirror().set_fault([answers](http::Response& response, const Mirror::Requested&) {
    if (++*answers % 5 == 0) response.body[0] = static_cast<char>(response.body[0] ^ 1);
  });
  add_mirror();
  settings_.cache_bytes = 8 * chunk_size;
  settings_.read_limit = Milliseconds(60'000);
  start_export();
  std::atomic<unsigned> faults = 0;
  std::vector<std::thread> readers;
  for (unsigned reader = 0; reader < 6; ++reader) {
    readers.emplace_back([&, reader] {
      std::mt19937 random(reader);  // NOLINT: the same each time
      for (int count = 0; count < 30; ++count) {
        const auto length = 1 + random() % (3 * chunk_size);
        const auto offset = random() % (file_size - length);
        const auto result = read(offset, length);
        if (result.error != 0 || result.bytes != content_.substr(offset, length)) ++faults;
      }
    });
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(faults, 0U);
  EXPECT_GT(count_at("/cache/evicted"), 0U);
  EXPECT_LE(count_at("/cache/chunks"), 8U);
}

}  // namespace
}  // namespace rescue::tests
