// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/server.hpp"

#include <gtest/gtest.h>

namespace rescue::http {
namespace {

Handler saying(const std::string& text) {
  return [text](const Request&) {
    Response response;
    response.body = text;
    return response;
  };
}

Router example() {
  Router router;
  router.add("GET", "/v1/servers", saying("list"));
  router.add("POST", "/v1/servers", saying("create"));
  router.add("GET", "/v1/servers/{name}", saying("show"));
  router.add("PUT", "/v1/servers/{name}/boot-mode", saying("set"));
  router.add("GET", "/boot/{mac}.ipxe", saying("script"));
  return router;
}

Request asking(const std::string& method, const std::string& path) {
  Request request;
  request.method = method;
  request.path = path;
  return request;
}

std::string answer(const std::string& method, const std::string& path) {
  const auto router = example();
  auto request = asking(method, path);
  return router.match(request).handler(request).body;
}

TEST(Router, FindsTheHandlerOfMethodAndPath) {
  EXPECT_EQ(answer("GET", "/v1/servers"), "list");
  EXPECT_EQ(answer("POST", "/v1/servers"), "create");
  EXPECT_EQ(answer("GET", "/v1/servers/web-01"), "show");
  EXPECT_EQ(answer("PUT", "/v1/servers/web-01/boot-mode"), "set");
}

TEST(Router, HandsOverTheParametersOfThePath) {
  const auto router = example();
  auto request = asking("PUT", "/v1/servers/web-01/boot-mode");
  (void)router.match(request);
  EXPECT_EQ(request.parameters.at("name"), "web-01");
}

TEST(Router, MatchesAParameterWithASuffix) {
  const auto router = example();
  auto request = asking("GET", "/boot/52:54:00:12:34:56.ipxe");
  (void)router.match(request);
  EXPECT_EQ(request.parameters.at("mac"), "52:54:00:12:34:56");
}

TEST(Router, AnswersHeadWhereGetIsKnown) { EXPECT_EQ(answer("HEAD", "/v1/servers"), "list"); }

TEST(Router, RefusesAnUnknownPath) {
  for (const auto* const path : {"/v2/servers", "/v1/servers/", "/v1/servers/a/b", "/", "/boot/.ipxe", "/boot/x"}) {
    const auto router = example();
    auto request = asking("GET", path);
    EXPECT_THROW((void)router.match(request), Error) << path;
  }
}

TEST(Router, NamesTheMethodsThatAPathAnswers) {
  const auto router = example();
  auto request = asking("DELETE", "/v1/servers");
  const auto response = router.match(request).handler(request);
  EXPECT_EQ(response.status, 405U);
  ASSERT_FALSE(response.headers.empty());
  EXPECT_EQ(response.headers.back(), (std::pair<std::string, std::string>("Allow", "GET, POST")));
}

}  // namespace
}  // namespace rescue::http
