// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/request_id.hpp"
#include "core/log.hpp"
#include "raw_peer.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>

#include <set>

namespace rescue::http {
namespace {

TEST(RequestId, IsTheClientsWhereItIsSane) {
  for (const std::string& sane : {std::string("a"), std::string("panel-7.x_Y"), std::string(64, 'z')}) {
    EXPECT_EQ(request_id_from(sane), sane);
  }
  for (const std::string& wrong : {std::string(), std::string("a b"), std::string("a\nb"), std::string("<a>"),
                                   std::string("\xc3\xa4"), std::string(65, 'z')}) {
    EXPECT_NE(request_id_from(wrong), wrong);
  }
}

TEST(RequestId, IsMadeDifferentEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(seen.insert(request_id_from("")).second);
  EXPECT_EQ(seen.begin()->size(), 15U);
}

std::string asked(const std::string& head) {
  Router router;
  router.add("GET", "/id", [](const Request& request) {
    Response response;
    response.body = "body " + request.id;
    log::info("a line of the request");
    return response;
  });
  const RunningServer server(std::move(router));
  RawPeer peer(server.port());
  peer.send(head + "\r\nHost: x\r\nConnection: close\r\n\r\n");
  return peer.read_to_end();
}

TEST(RequestId, IsToldToHandlerClientAndLog) {
  log::set_up("unit_http", log::Level::info);
  const auto answer = asked("GET /id HTTP/1.1\r\nX-Request-Id: panel-7");
  EXPECT_NE(answer.find("X-Request-Id: panel-7\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("body panel-7"), std::string::npos) << answer;
  EXPECT_NE(log::recent().back().find("a line of the request [panel-7]"), std::string::npos) << log::recent().back();
  log::info("a line of nobody");
  EXPECT_EQ(log::recent().back().find('['), std::string::npos) << "the thread has forgotten it";
}

TEST(RequestId, IsInTheDebugLineOfTheAnswer) {
  log::set_up("unit_http", log::Level::debug);
  (void)asked("GET /id?secret HTTP/1.1\r\nX-Request-Id: panel-8");
  const auto line = log::recent().back();
  log::set_up("unit_http");
  EXPECT_NE(line.find("answered GET /id from 127.0.0.1: status 200, "), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with(" ms [panel-8]")) << line;
}

TEST(RequestId, IsToldWithEveryRefusal) {
  for (const auto* const head : {"GET /nothing HTTP/1.1", "PUT /id HTTP/1.1", "GET /%2e%2e/x HTTP/1.1", "NONSENSE"}) {
    const auto answer = asked(head);
    EXPECT_NE(answer.find("X-Request-Id: "), std::string::npos) << answer;
  }
  EXPECT_EQ(asked("GET /id HTTP/1.1\r\nX-Request-Id: <script>").find("script"), std::string::npos);
}

TEST(RequestId, IsNamedByErrorsOfTheClient) {
  const RunningServer server;
  Client client(server.client_options());
  try {
    (void)client.call("GET", "/nothing");
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("Request: "), std::string::npos) << error.hint();
  }
}

}  // namespace
}  // namespace rescue::http
