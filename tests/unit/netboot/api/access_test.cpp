// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/access.hpp"
#include "tests/unit/netboot/api_under_test.hpp"

#include <regex>
#include <set>

namespace rescue::netboot::api {
namespace {

class Access : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    options_.limits.failed.rate = 0;
    options_.limits.agent.rate = 0;  // one agent calls every route
    make();
    servers().add(server_named("web-01"));
    servers().add(server_named("db-01", "52:54:00:00:00:02"));
  }
  /// Replaces the parameters by names that exist, except for tasks: there are none.
  static std::string filled_in(std::string pattern) {
    pattern = std::regex_replace(pattern, std::regex("\\{name\\}"), "web-01");
    return std::regex_replace(pattern, std::regex("\\{[a-z]+\\}"), "1");
  }
  static bool is_ours(const std::string& path) { return path.starts_with("/v1/") || path == "/metrics"; }
};

TEST_F(Access, IsSaidForEveryRouteAndForNothingElse) {
  std::multiset<std::string> routes;
  for (const auto& route : router_->routes()) routes.insert(route.method + " " + path_of(route));
  std::multiset<std::string> said;
  for (const auto& entry : access_table()) said.insert(std::string(entry.method) + " " + std::string(entry.pattern));
  EXPECT_EQ(routes, said);
}

TEST_F(Access, RefusesARouteThatNothingIsSaidOf) {
  http::Router router;
  Gate gate(router, store(), std::make_shared<Allowances>(RequestLimits{}, clock_), std::make_shared<Refusals>());
  EXPECT_EQ(code_of([&] { gate.add("GET", "/v1/new", [](const auto&, const auto&) { return http::Response{}; }); }),
            ErrorCode::internal);
}

/// Roles with each right: a copy of the table, so that a change needs two places.
const std::map<Right, std::set<Role>> expected{
    {Right::see, {Role::read_only, Role::operating, Role::panel, Role::admin}},
    {Right::see_boot_mode, {Role::read_only, Role::operating, Role::panel, Role::admin, Role::agent}},
    {Right::set_boot_mode, {Role::operating, Role::panel, Role::admin, Role::agent}},
    {Right::operate, {Role::operating, Role::panel, Role::admin}},
    {Right::collect, {Role::panel, Role::admin}},
    {Right::share, {Role::panel, Role::admin}},
    {Right::edit_servers, {Role::panel, Role::admin}},
    {Right::identity, {Role::admin}},
    {Right::administer, {Role::admin}},
    {Right::session, {Role::agent}},
};

TEST_F(Access, IsGivenToTheRolesOfTheTableOnEveryRoute) {
  const std::map<Role, std::string> tokens{{Role::admin, token("a", Role::admin)},
                                           {Role::panel, token("p", Role::panel)},
                                           {Role::operating, token("o", Role::operating)},
                                           {Role::read_only, token("r", Role::read_only)},
                                           {Role::agent, std::string(this->tokens().issue_agent_token(web_).reveal())}};
  for (const auto& route : router_->routes()) {
    const auto pattern = path_of(route);
    const auto right = route_right(route.method, pattern).right;
    if (right == Right::nothing || right == Right::boot_token || pattern.ends_with("/agent-token")) continue;
    ASSERT_TRUE(is_ours(pattern)) << pattern;
    EXPECT_EQ(ask("", route.method, filled_in(pattern)).status, 401U) << route.method << " " << pattern;
    for (const auto& [role, text] : tokens) {
      if (route.method == "DELETE" && expected.at(right).contains(role)) continue;  // it would succeed
      // No route accepts this body: allowed requests are refused for it and change nothing.
      const auto body = route.method == "GET" ? json() : json{{"no such", 1}};
      const auto response = ask(text, route.method, filled_in(pattern), body);
      const bool allowed = expected.at(right).contains(role);
      if (allowed && right == Right::session) {
        EXPECT_EQ(response.status, 403U) << "this agent's token was made by hand: it has no session";
      } else {
        EXPECT_EQ(response.status == 403, !allowed) << route.method << " " << pattern << " as " << name_of(role) << ": "
                                                    << response.status << " " << response.body;
      }
      EXPECT_NE(response.status, 401U);
    }
  }
}

TEST_F(Access, OfOthersThanAdminsEndsAtBmcs) {
  const json server{{"name", "web-02"},
                    {"macs", {"52:54:00:00:00:03"}},
                    {"bmc", {{"address", "192.0.2.1"}, {"user", "u"}, {"password", "p"}}}};
  EXPECT_EQ(ask(token_with_identity("p"), "POST", "/v1/servers", server).status, 403U);
}

class BoundToken : public Access {
protected:
  void SetUp() override {
    Access::SetUp();
    bound_ = token("bound", Role::panel, {"web-01", "web-07"});
  }
  std::string bound_;
};

TEST_F(BoundToken, SeesItsServersOnly) {
  const auto listed = body_of(ask(bound_, "GET", "/v1/servers"))["servers"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["name"], "web-01");
  EXPECT_EQ(ask(bound_, "GET", "/v1/servers/web-01").status, 200U);
}

TEST_F(BoundToken, FindsNothingAtTheOthersOnAnyRoute) {
  for (const auto& route : router_->routes()) {
    auto path = path_of(route);
    const auto right = route_right(route.method, path).right;
    if (!may(Role::panel, right) || !path.starts_with("/v1/servers/{name}")) continue;
    path.replace(path.find("{name}"), 6, "db-01");
    const auto other = ask(bound_, route.method, path, {{"mode", "disk"}});
    EXPECT_EQ(other.status, 404U) << route.method << " " << path;
    path.replace(path.find("db-01"), 5, "no-such");
    auto missing = ask(bound_, route.method, path, {{"mode", "disk"}}).body;
    missing.replace(missing.find("no-such"), 7, "db-01");
    EXPECT_EQ(other.body, missing) << "what is there and what is not must look the same";
  }
}

TEST_F(BoundToken, FindsNoTasksOfOthers) {
  Tasks tasks(store(), {});
  const auto theirs = tasks.begin_rescue(ServerName::parse("db-01"), rescue_for(std::chrono::hours(1)), false,
                                         std::chrono::minutes(30));
  const auto ours = tasks.begin_rescue(web_, rescue_for(std::chrono::hours(1)), false, std::chrono::minutes(30));
  EXPECT_EQ(ask(bound_, "GET", "/v1/tasks/t-" + std::to_string(theirs.id)).status, 404U);
  EXPECT_EQ(ask(bound_, "GET", "/v1/tasks/t-" + std::to_string(ours.id)).status, 200U);
}

TEST_F(BoundToken, SeesWhatHasItsTagAtTheMoment) {
  const auto tagged = body_of(as_admin("POST", "/v1/tokens", {{"name", "t"}, {"role", "panel"}, {"tags", {"eu"}}}));
  EXPECT_EQ(tagged["tags"], json({"eu"}));
  const auto seen = [&] { return body_of(ask(tagged["token"], "GET", "/v1/servers"))["servers"].size(); };
  EXPECT_EQ(seen(), 0U) << "nothing has the tag, and that is not everything";
  EXPECT_EQ(ask(tagged["token"], "GET", "/v1/servers/web-01").status, 404U);
  auto server = server_named("eu-01", "52:54:00:00:00:0a");
  server.tags = {"eu", "x"};
  servers().add(server);
  EXPECT_EQ(seen(), 1U);
  EXPECT_EQ(ask(tagged["token"], "GET", "/v1/servers/eu-01").status, 200U);
  EXPECT_EQ(ask(tagged["token"], "GET", "/v1/servers/web-01").status, 404U);
}

TEST_F(BoundToken, AddsNoServersButItsOwn) {
  bound_ = token_with_identity("owner", {"web-01", "web-07"});
  EXPECT_EQ(ask(bound_, "POST", "/v1/servers", {{"name", "web-08"}, {"macs", {"52:54:00:00:00:08"}}}).status, 403U);
  EXPECT_EQ(ask(bound_, "POST", "/v1/servers", {{"name", "web-07"}, {"macs", {"52:54:00:00:00:07"}}}).status, 201U);
}

}  // namespace
}  // namespace rescue::netboot::api
