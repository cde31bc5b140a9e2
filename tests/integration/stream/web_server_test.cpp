// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Streams from the real nginx: certificates, proxies, compression, slow and dead mirrors, and files that were changed.
#include "tests/integration/stream/certificates.hpp"
#include "tests/unit/stream/nginx.hpp"
#include "tests/unit/stream/streamed_file.hpp"

#include <gmock/gmock.h>

#include <future>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StreamFromNginx : public StreamedFile {
protected:
  StreamFromNginx() {
    make_folder(scratch_.file("www"), 0755);
    scratch_.write("www/file.img", content_);
    settings_.read_limit = Milliseconds(700);
  }
  void SetUp() override {
    if (!has("nginx") || !has("openssl")) GTEST_SKIP() << "nginx or openssl is not installed";
  }
  Nginx& add_nginx(Nginx::Options options = {}, const std::string& scheme = "http") {
    servers_.push_back(std::make_unique<Nginx>(scratch_, std::move(options)));
    settings_.mirrors.push_back(servers_.back()->url("/file.img", scheme));
    return *servers_.back();
  }
  Nginx& add_https(const Certificates& certificates) {
    return add_nginx({.listen = "ssl http2", .server = certificates.directives()}, "https");
  }
  [[nodiscard]] std::string reason() const { return status().value("reason", ""); }
  void expect_refused(std::string_view why) {
    EXPECT_EQ(read(0, 4096).error, EIO);
    ASSERT_TRUE(status_becomes("failed"));
    EXPECT_THAT(reason(), HasSubstr(std::string(why)));
    EXPECT_EQ(count_at("/fetched_bytes"), 0U);
  }

  std::deque<std::unique_ptr<Nginx>> servers_;
};

TEST_F(StreamFromNginx, IsReadOverHttpsWithAPrivateCa) {
  const Certificates certificates(scratch_);
  const auto& nginx = add_https(certificates);
  settings_.ca_file = certificates.ca();
  start_export();
  expect_all_right();
  EXPECT_THAT(nginx.log(), Not(HasSubstr("200 ")));
}

TEST_F(StreamFromNginx, RefusesACertificateOfAnotherCa) {
  add_https(Certificates(scratch_));
  settings_.ca_file = Certificates(scratch_, {.folder = "other-ca"}).ca();
  start_export();
  expect_refused("SSL certificate problem");
}

TEST_F(StreamFromNginx, RefusesAPrivateCaThatTheSystemDoesNotKnow) {
  add_https(Certificates(scratch_));
  start_export();
  expect_refused("SSL certificate problem");
}

TEST_F(StreamFromNginx, RefusesAnExpiredCertificate) {
  const Certificates certificates(scratch_, {.has_expired = true});
  add_https(certificates);
  settings_.ca_file = certificates.ca();
  start_export();
  expect_refused("certificate has expired");
}

TEST_F(StreamFromNginx, RefusesACertificateForAnotherName) {
  const Certificates certificates(scratch_, {.name = "IP:127.0.0.2"});
  add_https(certificates);
  settings_.ca_file = certificates.ca();
  start_export();
  expect_refused("no alternative certificate subject name matches");
}

TEST_F(StreamFromNginx, RefusesAProxyThatRemovesTheRange) {
  const auto& nginx = add_nginx();
  settings_.mirrors.clear();
  const auto& proxy =
      add_nginx({.location = fmt::format("proxy_pass http://{}; proxy_set_header Range \"\";", nginx.place())});
  start_export();
  EXPECT_EQ(read(5 * chunk_size, 4096).error, EIO);
  expect_refused("ignores ranges");
  EXPECT_THAT(proxy.log(), HasSubstr("200 "));
}

TEST_F(StreamFromNginx, IsReadBesideAProxyThatRemovesTheRange) {
  const auto& nginx = add_nginx();
  settings_.mirrors.clear();
  add_nginx({.location = fmt::format("proxy_pass http://{}; proxy_set_header Range \"\";", nginx.place())});
  settings_.mirrors.push_back(nginx.url());
  settings_.read_limit = Milliseconds(15'000);
  start_export();
  expect_all_right();
}

TEST_F(StreamFromNginx, IsReadFromAServerThatCompresses) {
  const auto& nginx = add_nginx({.server = "gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;"});
  start_export();
  expect_all_right();
  EXPECT_THAT(nginx.log(), HasSubstr("206 65536 bytes=0-65535 identity\n"));
}

TEST_F(StreamFromNginx, IsReadFromAnAddressOfIpv6) {
  if (read_file_if_exists("/proc/net/if_inet6").value_or("").find(" lo") == std::string::npos) {
    GTEST_SKIP() << "the loopback interface has no IPv6";
  }
  add_nginx({.address = "[::1]"});
  start_export();
  expect_all_right();
}

TEST_F(StreamFromNginx, FollowsNoRedirect) {
  add_nginx({.location = "return 302 /elsewhere/file.img;"});
  start_export();
  expect_refused("redirects");
}

TEST_F(StreamFromNginx, IsReadOverALinkSlowerThanTheLimitOfARequest) {
  // 2 s for a chunk. Without a longer limit nothing would ever arrive, and the guest would stay paused.
  add_nginx({.location = "limit_rate 32k;"});
  settings_.request_limit = Milliseconds(1'000);
  settings_.read_limit = Milliseconds(20'000);
  start_export();
  expect_right(0, 4096);
}

TEST_F(StreamFromNginx, UsesAnotherMirrorThanASlowOne) {
  add_nginx({.location = "limit_rate 8k;"});
  add_nginx();
  settings_.request_limit = Milliseconds(1'000);
  settings_.read_limit = Milliseconds(20'000);
  start_export();
  expect_all_right();
  EXPECT_THAT(status()["mirrors"][0]["fault"].get<std::string>(), HasSubstr("was too slow"));
}

TEST_F(StreamFromNginx, IsReadToItsEndWhenAMirrorIsKilledInTheMiddle) {
  add_nginx({.location = "limit_rate 500k;"});
  add_nginx();
  settings_.read_limit = Milliseconds(20'000);
  start_export();
  auto all = std::async(std::launch::async, [&] { return read(0, content_.size()); });
  ASSERT_TRUE(wait_until([&] { return count_at("/mirrors/0/bytes") > 0; }));
  servers_[0]->stop();
  const auto result = all.get();
  EXPECT_EQ(result.error, 0);
  EXPECT_TRUE(result.bytes == content_);
  EXPECT_TRUE(wait_until([&] { return count_at("/mirrors/1/bytes") > 0; }));
}

TEST_F(StreamFromNginx, RecoversWhenAllMirrorsWereAwayForLongerThanAReadWaits) {
  add_nginx();
  add_nginx();
  start_export();
  expect_right(0, 4096);
  for (auto& server : servers_) server->stop();
  EXPECT_EQ(read(9 * chunk_size, 4096).error, EIO);
  EXPECT_EQ(read(30 * chunk_size, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(reason(), HasSubstr("does not answer"));
  expect_right(0, 4096);
  servers_[1]->start();
  // Both chunks arrive without a further read.
  ASSERT_TRUE(status_becomes("serving"));
  servers_[1]->stop();
  expect_right(9 * chunk_size, 4096);
  expect_right(30 * chunk_size, 4096);
}

TEST_F(StreamFromNginx, RefusesATruncatedFile) {
  add_nginx();
  scratch_.write("www/file.img", content_.substr(0, file_size / 2));
  start_export();
  EXPECT_EQ(read(file_size - 4096, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(reason(), HasSubstr("has a shorter file"));
  expect_refused("has a shorter file");
}

TEST_F(StreamFromNginx, RefusesAnotherImageUnderTheSameNameUntilTheRightOneIsBack) {
  add_nginx();
  start_export();
  expect_right(0, 4096);
  auto other = content_;
  for (auto& byte : other) byte = static_cast<char>(byte ^ 0x55);
  write_file_atomically(scratch_.file("www/file.img"), other, 0644);
  EXPECT_EQ(read(9 * chunk_size, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(reason(), HasSubstr("sent wrong data for chunk 9"));
  expect_right(0, 4096);  // what was verified is served
  write_file_atomically(scratch_.file("www/file.img"), content_, 0644);
  ASSERT_TRUE(status_becomes("serving"));
  expect_all_right();
}

}  // namespace
}  // namespace rescue::tests
