// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "core/unix_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace rescue::tests {
namespace {

TEST(UnixSocketPath, ConnectsToWhoeverListens) {
  std::string folder = ::testing::TempDir() + "rescue-core-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto path = folder + "/socket";
  EXPECT_EQ(connect_unix(unix_socket(), path), ENOENT);
  {
    const auto listener = unix_socket();
    ASSERT_EQ(bind_unix(listener, path), 0);
    EXPECT_EQ(connect_unix(unix_socket(), path), ECONNREFUSED);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    EXPECT_EQ(connect_unix(unix_socket(), path), 0);
    EXPECT_EQ(bind_unix(unix_socket(), path), EADDRINUSE);
  }
  std::filesystem::remove_all(folder);
}

TEST(UnixSocketPath, HasALongestLength) {
  const auto socket = unix_socket();
  EXPECT_EQ(connect_unix(socket, std::string(107, 'x')), ENOENT);
  try {
    (void)connect_unix(socket, std::string(108, 'x'));
    FAIL() << "it fits";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::config_invalid);
    EXPECT_FALSE(error.hint().empty());
  }
}

}  // namespace
}  // namespace rescue::tests
