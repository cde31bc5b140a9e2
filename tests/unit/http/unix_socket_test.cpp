// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/unix_socket.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rescue::http {
namespace {

class UnixSocket : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "rescue-http-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ + "/control.sock";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] ServerOptions options() const {
    ServerOptions options;
    options.unix_path = path_;
    return options;
  }
  [[nodiscard]] Response get(const std::string& target) const {
    ClientOptions options;
    options.base_url = "http://rescued";
    options.unix_path = path_;
    return Client(options).request("GET", target);
  }
  [[nodiscard]] mode_t mode() const {
    struct stat status {};
    EXPECT_EQ(::stat(path_.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }

  std::string folder_;
  std::string path_;
};

TEST_F(UnixSocket, IsServedAndKnowsThePeer) {
  Router router;
  router.add("GET", "/peer", [](const Request& request) {
    return text(request.peer + " " + std::to_string(request.peer_uid.value_or(99)));
  });
  const RunningServer server(std::move(router), options());
  EXPECT_EQ(get("/peer").body, "unix " + std::to_string(::getuid()));
  EXPECT_EQ(server.port(), 0);
}

TEST_F(UnixSocket, IsForItsOwnerOnly) {
  const RunningServer server(echo(), options());
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(UnixSocket, IsSharedWithAGroup) {
  if (::getuid() != 0) GTEST_SKIP() << "only root may give a socket to another group";
  auto shared = options();
  shared.unix_group = "daemon";
  const RunningServer server(echo(), shared);
  EXPECT_EQ(mode(), 0660U);
}

TEST_F(UnixSocket, NamesAnUnknownGroup) {
  auto shared = options();
  shared.unix_group = "no-such-group-here";
  try {
    const Server server(shared, echo());
    FAIL() << "the group does not exist";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("no-such-group-here"), std::string::npos);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(UnixSocket, IsRemovedWhenTheServerEnds) {
  { const RunningServer server(echo(), options()); }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocket, ReplacesAStaleFile) {
  {
    const auto stale = unix_socket();
    ASSERT_EQ(bind_unix(stale, path_), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path_));
  const RunningServer server(echo(), options());
  EXPECT_EQ(get("/hello").body, "hello");
}

TEST_F(UnixSocket, IsNotTakenFromAServerThatLives) {
  const RunningServer first(echo(), options());
  try {
    const Server second(options(), echo());
    FAIL() << "two servers on one socket";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
  }
  EXPECT_EQ(get("/hello").body, "hello");
}

TEST_F(UnixSocket, DoesNotReplaceAFileThatIsNoSocket) {
  std::ofstream(path_) << "precious";
  EXPECT_THROW(Server(options(), echo()), Error);
  EXPECT_TRUE(std::filesystem::is_regular_file(path_));
}

TEST_F(UnixSocket, IsInheritedFromTheServiceManager) {
  auto fd = unix_socket();
  ASSERT_EQ(bind_unix(fd, path_), 0);
  ASSERT_EQ(::listen(fd.get(), 8), 0);
  ServerOptions inherited;
  inherited.inherited_fd = fd.release();
  {
    const RunningServer server(echo(), inherited);
    EXPECT_EQ(get("/hello").body, "hello");
  }
  EXPECT_TRUE(std::filesystem::exists(path_)) << "the file belongs to the service manager";
}

}  // namespace
}  // namespace rescue::http
