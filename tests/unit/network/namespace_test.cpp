// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Connections from our own namespace, which need no privilege: to open, closed, silent and invalid targets.
#include "core/error.hpp"
#include "orchestrator/linux/network/namespace.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rescue::linux {
namespace {

struct Listener {
  FileDescriptor fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  unsigned port = 0;

  Listener() {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&own);
    socklen_t size = sizeof own;
    EXPECT_EQ(::bind(fd.get(), address, size), 0);
    EXPECT_EQ(::listen(fd.get(), 1), 0);
    EXPECT_EQ(::getsockname(fd.get(), address, &size), 0);
    port = ntohs(own.sin_port);
  }
};

TEST(ConnectInNamespace, OpensABlockingConnection) {
  const Listener listener;
  const auto connection = connect_in_namespace("", "127.0.0.1", listener.port, Milliseconds(1000));
  ASSERT_TRUE(connection.fd) << connection.problem;
  EXPECT_EQ(::fcntl(connection.fd.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(connection.fd.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  EXPECT_TRUE(connection.problem.empty());
}

TEST(ConnectInNamespace, ClosedPortIsAProblemNotAnError) {
  unsigned port = 0;
  {
    const Listener listener;
    port = listener.port;
  }
  const auto connection = connect_in_namespace("", "127.0.0.1", port, Milliseconds(1000));
  EXPECT_FALSE(connection.fd);
  EXPECT_EQ(connection.problem, "Connection refused");
}

TEST(ConnectInNamespace, SilenceEndsAtTheLimit) {
  const Listener listener;
  // A backlog of one accepts two connections; the next gets no answer.
  const auto first = connect_in_namespace("", "127.0.0.1", listener.port, Milliseconds(1000));
  const auto second = connect_in_namespace("", "127.0.0.1", listener.port, Milliseconds(1000));
  const auto connection = connect_in_namespace("", "127.0.0.1", listener.port, Milliseconds(30));
  EXPECT_FALSE(connection.fd);
  EXPECT_EQ(connection.problem, "no answer within 30 ms");
}

TEST(ConnectInNamespace, NonsenseIsAProblem) {
  EXPECT_EQ(connect_in_namespace("", "server.example", 22, Milliseconds(10)).problem,
            "'server.example' is not a numeric address");
  const auto lost = connect_in_namespace("/run/netns/no-such-namespace", "127.0.0.1", 22, Milliseconds(10));
  EXPECT_FALSE(lost.fd);
  EXPECT_NE(lost.problem.find("/run/netns/no-such-namespace"), std::string::npos) << lost.problem;
}

TEST(Namespace, FileThatIsNoneIsNotTakenForOne) {
  EXPECT_FALSE(namespace_exists("/dev/null"));
  EXPECT_FALSE(namespace_exists("/run/netns/no-such-namespace"));
  EXPECT_TRUE(namespace_exists("/proc/self/ns/net"));
  EXPECT_THROW(run_in_namespace("/dev/null", [] {}), Error);
}

}  // namespace
}  // namespace rescue::linux
