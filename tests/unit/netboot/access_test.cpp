// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/access.hpp"
#include "netboot/api/routes.hpp"
#include "stored.hpp"

#include <set>

namespace rescue::netboot::api {
namespace {

class Access : public Stored {
protected:
  static std::string path_of(const http::Router::Route& route) {
    std::string path;
    for (const auto& segment : route.segments) path += "/" + segment;
    return path;
  }
};

TEST_F(Access, IsSaidForEveryRouteAndForNothingElse) {
  std::multiset<std::string> routes;
  const auto router = make_router(store(), {});
  for (const auto& route : router.routes()) routes.insert(route.method + " " + path_of(route));
  std::multiset<std::string> said;
  for (const auto& entry : access_table()) said.insert(std::string(entry.method) + " " + std::string(entry.pattern));
  EXPECT_EQ(routes, said);
}

TEST_F(Access, RefusesARouteThatNothingIsSaidOf) {
  http::Router router;
  Gate gate(router, store());
  EXPECT_EQ(code_of([&] { gate.add("GET", "/v1/new", [](const auto&, const auto&) { return http::Response{}; }); }),
            ErrorCode::internal);
}

}  // namespace
}  // namespace rescue::netboot::api
