// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/handle.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <future>
#include <mutex>

namespace rescue::http {
namespace {

/// Never accepts and never answers: only the kernel completes the handshake.
class SilentServer {
public:
  SilentServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* const place = &address_;
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(fd_.get(), static_cast<sockaddr*>(place), size), 0);
    EXPECT_EQ(::listen(fd_.get(), 8), 0);
    EXPECT_EQ(::getsockname(fd_.get(), static_cast<sockaddr*>(place), &size), 0);
  }
  [[nodiscard]] ClientOptions client_options() const {
    ClientOptions options;
    options.base_url = "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port));
    return options;
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

private:
  FileDescriptor fd_;
  sockaddr_in address_{};
};

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

TEST(HttpClient, GivesUpAtItsTimeLimit) {
  const SilentServer server;
  auto options = server.client_options();
  options.time_limit = Milliseconds(100);
  EXPECT_EQ(code_of([&] { (void)Client(options).request("GET", "/"); }), ErrorCode::timeout);
}

TEST(HttpClient, SaysThatNobodyListens) {
  ClientOptions options;
  options.base_url = "http://127.0.0.1:1";
  EXPECT_EQ(code_of([&] { (void)Client(options).request("GET", "/"); }), ErrorCode::unavailable);
  options.unix_path = "/nonexistent/socket";
  EXPECT_EQ(code_of([&] { (void)Client(options).request("GET", "/"); }), ErrorCode::unavailable);
}

TEST(HttpClient, RefusesUrlsOfOtherProtocols) {
  ClientOptions options;
  options.base_url = "file:///etc/passwd";
  EXPECT_EQ(code_of([&] { (void)Client(options).request("GET", "/"); }), ErrorCode::config_invalid);
}

TEST(HttpClient, IsWokenByAStopRequest) {
  const SilentServer server;
  std::stop_source source;
  auto waiting = std::async(std::launch::async, [&] {
    return code_of([&] { (void)Client(server.client_options()).request("GET", "/", "", source.get_token()); });
  });
  const FileDescriptor accepted(::accept(server.fd(), nullptr, nullptr));  // the request is under way
  source.request_stop();
  EXPECT_EQ(waiting.get(), ErrorCode::cancelled);
}

TEST(HttpClient, DoesNotStartWhenAlreadyStopped) {
  const SilentServer server;
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(code_of([&] { (void)Client(server.client_options()).request("GET", "/", "", source.get_token()); }),
            ErrorCode::cancelled);
}

TEST(HttpClient, SendsItsBearerToken) {
  Router router;
  router.add("GET", "/token", [](const Request& request) { return text(request.header("authorization")); });
  const RunningServer server(std::move(router));
  EXPECT_EQ(Client(server.client_options(), Secret("abc")).request("GET", "/token").body, "Bearer abc");
  EXPECT_EQ(Client(server.client_options()).request("GET", "/token").body, "");
}

TEST(HttpClient, TurnsAProblemBackIntoItsError) {
  Router router;
  router.add("GET", "/error",
             [](const Request&) -> Response { throw Error(ErrorCode::conflict, "it exists", "Choose another name."); });
  router.add("GET", "/bare", [](const Request&) {
    Response response;
    response.status = 503;
    return response;
  });
  const RunningServer server(std::move(router));
  Client client(server.client_options());
  try {
    (void)client.call("GET", "/error");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_STREQ(error.what(), "it exists");
    EXPECT_TRUE(error.hint().starts_with("Choose another name. Request: ")) << error.hint();
  }
  EXPECT_EQ(code_of([&] { (void)client.call("GET", "/bare"); }), ErrorCode::unavailable);
}

TEST(HttpClient, FollowsNoRedirect) {
  Router router;
  router.add("GET", "/away", [](const Request&) {
    Response response;
    response.status = 302;
    response.headers.emplace_back("Location", "/hello");
    return response;
  });
  const RunningServer server(std::move(router));
  EXPECT_EQ(Client(server.client_options()).request("GET", "/away").status, 302U);
}

TEST(HttpClient, IgnoresProxiesOfTheEnvironment) {
  const RunningServer server;
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(Client(server.client_options()).request("GET", "/hello").body, "hello");
  ::unsetenv("http_proxy");
}

TEST(HttpClient, ConnectsFromItsRangeOfLocalPorts) {
  const SilentServer server;
  auto options = server.client_options();
  options.first_local_port = 20'480;
  options.local_port_count = 1'024;
  std::stop_source source;
  auto waiting = std::async(std::launch::async, [&] {
    return code_of([&] { (void)Client(options).request("GET", "/", "", source.get_token()); });
  });
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  void* const place = &peer;
  const FileDescriptor accepted(::accept(server.fd(), static_cast<sockaddr*>(place), &size));
  EXPECT_GE(ntohs(peer.sin_port), 20'480);
  EXPECT_LT(ntohs(peer.sin_port), 21'504);
  source.request_stop();
  EXPECT_EQ(waiting.get(), ErrorCode::cancelled);
}

TEST(HttpClient, TakesTheNextLocalPortWhenOneIsTaken) {
  const RunningServer server;
  const SilentServer occupant;
  auto options = server.client_options();
  options.first_local_port = 20'600;
  options.local_port_count = 64;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Client(options).request("GET", "/hello").body, "hello");
}

}  // namespace
}  // namespace rescue::http
