// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "raw_peer.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace rescue::http {
namespace {

std::string code_in(const Response& response) { return nlohmann::json::parse(response.body).value("code", ""); }

TEST(HttpServer, AnswersRequests) {
  const RunningServer server;
  Client client(server.client_options());
  const auto response = client.request("POST", "/echo", "some text");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.content_type, "text/plain");
  EXPECT_EQ(response.body, "some text");
  EXPECT_EQ(client.request("GET", "/peer").body, "127.0.0.1");
}

TEST(HttpServer, KeepsSlowOnesAndReservedOnesApart) {
  std::promise<void> let_go;
  const auto gone = let_go.get_future().share();
  std::atomic<int> blocked{0};
  const auto block = [&](const Request&) {
    ++blocked;
    gone.wait();
    return text("late");
  };
  Router router;
  router.add("GET", "/pool", block);
  router.add("GET", "/slow", block, RunOn::slow);
  router.add(
      "GET", "/reserved", [](const Request&) { return text("soon"); }, RunOn::reserved);
  auto options = on_loopback();
  options.pool_threads = 1;
  options.reserved_threads = 1;
  options.slow_threads = 2;
  const RunningServer server(std::move(router), options);
  Client client(server.client_options());
  const auto ask = [&](const char* path) {
    return std::async(std::launch::async, [&client, path] { return client.request("GET", path).status; });
  };
  std::future<unsigned> waiting[] = {ask("/pool"), ask("/slow"), ask("/slow")};
  while (blocked < 3) std::this_thread::yield();
  EXPECT_EQ(client.request("GET", "/reserved").body, "soon") << "the pool's only thread is taken";
  const auto refused = client.request("GET", "/slow");
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(code_in(refused), "unavailable");
  EXPECT_NE(std::find(refused.headers.begin(), refused.headers.end(),
                      std::pair<std::string, std::string>("Retry-After", "5")),
            refused.headers.end());
  let_go.set_value();
  for (auto& one : waiting) EXPECT_EQ(one.get(), 200U);
  EXPECT_EQ(client.request("GET", "/slow").status, 200U) << "there is room again";
}

TEST(HttpServer, DecodesPathAndQuery) {
  Router router;
  router.add("GET", "/of/{name}", [](const Request& request) {
    return text(request.parameters.at("name") + "|" + request.query.at("q") + "|" + request.header("accept"));
  });
  const RunningServer server(std::move(router));
  Client client(server.client_options());
  EXPECT_EQ(client.request("GET", "/of/a%20b?q=1%262").body, "a b|1&2|application/json, application/problem+json");
}

TEST(HttpServer, KeepsAConnectionForTheNextRequest) {
  const RunningServer server;
  RawPeer peer(server.port());
  peer.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(peer.read_until("hello").starts_with("HTTP/1.1 200"));
  peer.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 200"));
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  const RunningServer server;
  RawPeer peer(server.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst"
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecond");
  const auto answers = peer.read_to_end();
  EXPECT_LT(answers.find("first"), answers.find("second"));
  EXPECT_NE(answers.find("second"), std::string::npos);
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  const RunningServer server;
  RawPeer peer(server.port());
  peer.send("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto answer = peer.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpServer, AgreesToContinueBeforeALargeBody) {
  const RunningServer server;
  RawPeer peer(server.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("body");
  EXPECT_TRUE(peer.read_to_end().ends_with("body"));
}

TEST(HttpServer, SaysWhatIsNotThere) {
  const RunningServer server;
  Client client(server.client_options());
  const auto response = client.request("GET", "/nothing");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(code_in(response), "not-found");
}

TEST(HttpServer, NamesTheMethodsItAnswers) {
  const RunningServer server;
  RawPeer peer(server.port());
  peer.send("DELETE /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto answer = peer.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 405")) << answer;
  EXPECT_NE(answer.find("Allow: GET\r\n"), std::string::npos);
}

TEST(HttpServer, RefusesMalformedRequests) {
  for (const auto* const request :
       {"nonsense\r\n\r\n", "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
    const RunningServer server;
    RawPeer peer(server.port());
    peer.send(request);
    const auto answer = peer.read_until("\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << request << answer;
  }
}

TEST(HttpServer, TurnsAnErrorOfAHandlerIntoItsProblem) {
  Router router;
  router.add("GET", "/error", [](const Request&) -> Response {
    throw Error(ErrorCode::precondition, "the lamp is off", "Switch it on.");
  });
  const RunningServer server(std::move(router));
  Client client(server.client_options());
  const auto response = client.request("GET", "/error");
  EXPECT_EQ(response.status, 422U);
  EXPECT_EQ(code_in(response), "precondition");
  EXPECT_EQ(nlohmann::json::parse(response.body)["hint"], "Switch it on.");
}

TEST(HttpServer, HidesTheTextOfForeignExceptions) {
  Router router;
  router.add("GET", "/std", [](const Request&) -> Response { throw std::runtime_error("inner detail"); });
  router.add(
      "GET", "/int", [](const Request&) -> Response { throw 7; }, RunOn::io_thread);
  const RunningServer server(std::move(router));
  Client client(server.client_options());
  for (const auto* const path : {"/std", "/int"}) {
    const auto response = client.request("GET", path);
    EXPECT_EQ(response.status, 500U);
    EXPECT_EQ(code_in(response), "internal");
    EXPECT_EQ(response.body.find("inner detail"), std::string::npos);
  }
}

TEST(HttpServer, ServesOthersWhileAHandlerBlocks) {
  std::promise<void> release;
  auto released = release.get_future().share();
  Router router = echo();
  router.add("GET", "/block", [released](const Request&) {
    released.wait();
    return text("released");
  });
  const RunningServer server(std::move(router));
  auto blocked =
      std::async(std::launch::async, [&] { return Client(server.client_options()).request("GET", "/block"); });
  EXPECT_EQ(Client(server.client_options()).request("GET", "/peer").status, 200U);
  release.set_value();
  EXPECT_EQ(blocked.get().body, "released");
}

TEST(HttpServer, LetsRunningHandlersAnswerWhenItStops) {
  std::promise<void> entered;
  Router router;
  router.add("GET", "/poll", [&entered](const Request& request) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    entered.set_value();
    changed.wait(lock, request.stopping, [] { return false; });
    return text("the server stops");
  });
  RunningServer server(std::move(router));
  auto polling =
      std::async(std::launch::async, [&] { return Client(server.client_options()).request("GET", "/poll"); });
  entered.get_future().wait();
  server.stop();
  EXPECT_EQ(polling.get().body, "the server stops");
}

TEST(HttpServer, ClosesIdleConnectionsWhenItStops) {
  RunningServer server;
  RawPeer peer(server.port());
  peer.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  (void)peer.read_until("hello");
  server.stop();
  EXPECT_EQ(peer.read_to_end(), "");
  EXPECT_THROW((void)Client(server.client_options()).request("GET", "/hello"), Error);
}

TEST(HttpServer, RefusesAnAddressInUse) {
  const RunningServer server;
  auto options = on_loopback();
  options.port = server.port();
  try {
    const Server second(options, echo());
    FAIL() << "two servers on one port";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_NE(std::string(error.what()).find(std::to_string(server.port())), std::string::npos);
  }
}

TEST(HttpServer, RefusesAHostNameToListenOn) {
  auto options = on_loopback();
  options.address = "server.example";
  EXPECT_THROW(Server(options, echo()), Error);
}

}  // namespace
}  // namespace rescue::http
