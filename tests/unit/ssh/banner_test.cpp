// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/ssh/banner.hpp"
#include "tests/integration/access/loopback.hpp"

#include <gtest/gtest.h>

namespace rescue::ssh {
namespace {

using tests::LoopbackServer;

/// Result of await_banner for a server, and whether it left the bytes where libssh expects them.
std::string judged(LoopbackServer::Serve serve, const std::string& unread = {}) {
  const LoopbackServer server(std::move(serve));
  const auto connection = tests::connect_to_loopback("", server.port(), Milliseconds(1000));
  auto problem = await_banner(connection.fd.get(), std::chrono::steady_clock::now() + Milliseconds(300));
  std::string found(unread.size(), '\0');
  if (!unread.empty()) {
    EXPECT_EQ(::recv(connection.fd.get(), found.data(), found.size(), MSG_WAITALL | MSG_DONTWAIT),
              static_cast<ssize_t>(unread.size()));
  }
  EXPECT_EQ(found, unread);
  return problem;
}

TEST(SshBanner, IsFoundAndLeftUnread) {
  EXPECT_EQ(judged(LoopbackServer::says("SSH-2.0-OpenSSH_9.2\r\n"), "SSH-2.0-OpenSSH_9.2\r\n"), "");
  EXPECT_EQ(judged(LoopbackServer::says("SSH-1.99-Old\n")), "");
}

TEST(SshBanner, MayFollowOtherLines) {
  const std::string greeting = "Authorised use only\r\nSSH-2.0-x\r\n";
  EXPECT_EQ(judged(LoopbackServer::says(greeting), greeting), "");
}

TEST(SshBanner, MayArriveInPieces) {
  const auto in_pieces = [](int client, const std::atomic<bool>&) {
    for (const char c : std::string_view("SSH-2.0-slow\r\n")) {
      (void)!::send(client, &c, 1, MSG_NOSIGNAL);
      ::poll(nullptr, 0, 5);
    }
    ::poll(nullptr, 0, 100);
  };
  EXPECT_EQ(judged(in_pieces), "");
}

TEST(SshBanner, ThatNeverComesIsWaitedForOnlyUntilTheDeadline) {
  for (const auto* text : {"", "SSH-2.0-unfinished", "220 hello\r\n"}) {
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(judged(LoopbackServer::says(text)), "no SSH banner within the limit") << text;
    EXPECT_LT(std::chrono::steady_clock::now() - before, Milliseconds(2000));
  }
}

TEST(SshBanner, OfAServerThatHangsUpIsMissing) {
  EXPECT_NE(judged(LoopbackServer::says_and_leaves("")).find("closed the connection"), std::string::npos);
  EXPECT_NE(judged(LoopbackServer::says_and_leaves("HTTP/1.1 400\r\n\r\n")).find("closed"), std::string::npos);
}

TEST(SshBanner, IsNotInALotOfOtherText) {
  EXPECT_EQ(judged(LoopbackServer::says(std::string(3000, 'x'))), "the service on this port is not SSH");
}

}  // namespace
}  // namespace rescue::ssh
