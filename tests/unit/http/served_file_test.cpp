// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "core/http/served_file.hpp"
#include "raw_peer.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rescue::http {
namespace {

class ServedFile : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "served files XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::filesystem::create_directories(folder_ + "/served/inner");
    write("served/digits", "0123456789");
    write("served/inner/file", "inner");
    write("served/.hidden", "hidden");
    write("secret", "secret");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) const {
    write_file_atomically(folder_ + "/" + name, content, 0644);
  }
  [[nodiscard]] std::optional<FileDescriptor> open(const std::string& path) const {
    return Folder(folder_ + "/served").open(path);
  }
  [[nodiscard]] Response get(Fields headers = {}, const std::string& method = "GET") const {
    Request request;
    request.method = method;
    request.headers = std::move(headers);
    return serve_file(request, open("digits").value(), "text/plain", "no-cache");
  }
  [[nodiscard]] Router router() const {
    Router router;
    router.add(
        "GET", "/files/{path*}",
        [folder = std::make_shared<Folder>(folder_ + "/served")](const Request& request) {
          auto file = folder->open(request.parameters.at("path"));
          if (!file) throw Error(ErrorCode::not_found, "no such file");
          return serve_file(request, *std::move(file), "application/octet-stream", "no-cache");
        },
        RunOn::io_thread);
    return router;
  }
  static std::string header(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  static std::pair<std::uint64_t, std::uint64_t> part(const Response& response) {
    return {response.file->offset, response.file->length};
  }

  std::string folder_;
};

using Part = std::pair<std::uint64_t, std::uint64_t>;

TEST_F(ServedFile, IsOpenedBelowItsFolderOnly) {
  std::filesystem::create_symlink("../secret", folder_ + "/served/out");
  std::filesystem::create_symlink(folder_ + "/secret", folder_ + "/served/absolute");
  std::filesystem::create_symlink("inner/file", folder_ + "/served/link");
  std::filesystem::create_symlink("..", folder_ + "/served/up");
  ASSERT_EQ(::mkfifo((folder_ + "/served/pipe").c_str(), 0600), 0);
  EXPECT_TRUE(open("digits"));
  EXPECT_TRUE(open("inner/file"));
  EXPECT_TRUE(open("link")) << "a link inside leads to what is served anyway";
  for (const auto* const path : {"", "..", "../secret", "inner/../../secret", "/etc/passwd", "inner", "out", "absolute",
                                 "up/secret", "pipe", ".hidden", "inner/.x", "missing", "digits/x"}) {
    EXPECT_FALSE(open(path)) << path;
  }
}

TEST_F(ServedFile, IsSentWhole) {
  const auto response = get();
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(part(response), Part(0, 10));
  EXPECT_EQ(header(response, "Accept-Ranges"), "bytes");
  EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
}

TEST_F(ServedFile, IsSentInRanges) {
  const std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t, std::string>> ranges{
      {"bytes=0-3", 0, 4, "bytes 0-3/10"},
      {"bytes=4-", 4, 6, "bytes 4-9/10"},
      {"bytes=-3", 7, 3, "bytes 7-9/10"},
      {"bytes=9-99", 9, 1, "bytes 9-9/10"},
      {"bytes=-99", 0, 10, "bytes 0-9/10"}};
  for (const auto& [range, offset, length, told] : ranges) {
    const auto response = get({{"range", range}});
    EXPECT_EQ(response.status, 206U) << range;
    EXPECT_EQ(part(response), Part(offset, length)) << range;
    EXPECT_EQ(header(response, "Content-Range"), told);
  }
}

TEST_F(ServedFile, RefusesARangeBehindItsEnd) {
  for (const auto* const range : {"bytes=10-", "bytes=10-20", "bytes=-0"}) {
    const auto response = get({{"range", range}});
    EXPECT_EQ(response.status, 416U) << range;
    EXPECT_EQ(header(response, "Content-Range"), "bytes */10");
  }
}

TEST_F(ServedFile, IgnoresRangesThatItDoesNotUnderstand) {
  for (const auto* const range : {"bytes=3-1", "bytes=a-b", "bytes=", "bytes=-", "lines=1-2", "bytes=0-1,3-4",
                                  "bytes=99999999999999999999-", "bytes=0x1-2", "bytes=1 - 2"}) {
    EXPECT_EQ(get({{"range", range}}).status, 200U) << range;
  }
  EXPECT_EQ(get({{"range", "bytes=0-1"}}, "HEAD").status, 200U);
}

TEST_F(ServedFile, GivesRangesOfTheFileThatTheClientKnows) {
  const auto tag = header(get(), "ETag");
  const auto modified = header(get(), "Last-Modified");
  EXPECT_EQ(get({{"range", "bytes=0-1"}, {"if-range", tag}}).status, 206U);
  EXPECT_EQ(get({{"range", "bytes=0-1"}, {"if-range", modified}}).status, 206U);
  EXPECT_EQ(get({{"range", "bytes=0-1"}, {"if-range", "W/" + tag}}).status, 200U) << "weak tags don't do for ranges";
  EXPECT_EQ(get({{"range", "bytes=0-1"}, {"if-range", "\"another\""}}).status, 200U);
  // Another size: two writes within a tick of the kernel's clock have one time.
  write("served/digits", "98765432100");
  EXPECT_EQ(get({{"range", "bytes=0-1"}, {"if-range", tag}}).status, 200U);
}

TEST_F(ServedFile, IsNotSentToWhoHasIt) {
  const auto tag = header(get(), "ETag");
  const auto modified = header(get(), "Last-Modified");
  EXPECT_EQ(get({{"if-none-match", tag}}).status, 304U);
  EXPECT_EQ(get({{"if-none-match", "\"x\", W/" + tag}}).status, 304U);
  EXPECT_EQ(get({{"if-none-match", "*"}}).status, 304U);
  EXPECT_EQ(get({{"if-none-match", "\"x\""}, {"if-modified-since", modified}}).status, 200U);
  EXPECT_EQ(get({{"if-modified-since", modified}}).status, 304U);
  EXPECT_EQ(get({{"if-modified-since", "yesterday"}}).status, 200U);
  EXPECT_EQ(get({{"if-match", "\"x\""}}).status, 412U);
  EXPECT_EQ(get({{"if-match", tag}}).status, 200U);
  EXPECT_EQ(get({{"if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT"}}).status, 412U);
}

TEST_F(ServedFile, ArrivesWholeHoweverLarge) {
  std::string large(20 << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i / 1000 % 26);
  write("served/large", large);
  const RunningServer server(router());
  RawPeer peer(server.port());
  peer.send("GET /files/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto answer = peer.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 20971520\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + large));
}

TEST_F(ServedFile, AnswersHeadAndGoesOn) {
  const RunningServer server(router());
  RawPeer peer(server.port());
  peer.send("HEAD /files/digits HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(peer.read_until("\r\n\r\n").find("Content-Length: 10\r\n"), std::string::npos);
  peer.send("GET /files/inner/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(peer.read_to_end().ends_with("\r\n\r\ninner"));
}

TEST_F(ServedFile, IsNotReachedByTricksInTheTarget) {
  const RunningServer server(router());
  for (const auto* const target : {"/files/../secret", "/files/%2e%2e/secret", "/files/..%2fsecret", "/files/",
                                   "/files/inner/", "/files//etc/passwd", "/files/inner%00/file"}) {
    RawPeer peer(server.port());
    peer.send(std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = peer.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 40")) << target << answer;
  }
}

TEST_F(ServedFile, IsCutOffVisiblyWhenItIsCutShort) {
  write("served/shrinks", std::string(64 << 20, 'x'));
  const RunningServer server(router());
  RawPeer peer(server.port());
  peer.send("GET /files/shrinks HTTP/1.1\r\nHost: x\r\n\r\n");
  (void)peer.read_until("\r\n\r\n");  // the rest does not fit into the buffers of the connection
  std::filesystem::resize_file(folder_ + "/served/shrinks", 1);
  EXPECT_LT(peer.read_to_end().size(), std::size_t{64} << 20U);
}

}  // namespace
}  // namespace rescue::http
