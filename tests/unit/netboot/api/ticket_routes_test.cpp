// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "tests/unit/netboot/with_host_agent.hpp"

namespace rescue::netboot::api {
namespace {

constexpr auto tickets = "/v1/servers/web-01/tickets";

class TicketRoutes : public WithHostAgent {
protected:
  void serve() {
    RescueRequest request;
    request.public_key = base64_of(make_box_keys().public_key);
    come_up(request);
    report();
  }
  static json open_ticket() {
    return {{"open", true},
            {"port", 21300},
            {"addresses", {"203.0.113.7"}},
            {"role", "view"},
            {"ask_customer", true},
            {"opened_at", "2026-11-30T12:00:00.000Z"},
            {"sealed", "cmVzY3Vl"},
            {"asking", {{"name", "anna"}, {"address", "198.51.100.9"}, {"until", "2026-11-30T12:01:00.000Z"}}},
            {"connected", json::array()}};
  }
  json shown(const std::string& token) { return body_of(ask(token, "GET", tickets)).at("ticket"); }
};

TEST_F(TicketRoutes, BeginATaskWithTheOrder) {
  serve();
  const auto response =
      ask(token("ops", Role::operating), "POST", tickets, {{"role", "view"}, {"ask_customer", false}, {"port", 21300}});
  ASSERT_EQ(response.status, 202U) << response.body;
  const auto task = body_of(response);
  EXPECT_EQ(task["kind"], "ticket");
  EXPECT_EQ(task["ticket"], (json{{"role", "view"}, {"ask_customer", false}, {"port", 21300}}));
  EXPECT_EQ(body_of(as_admin("GET", "/v1/tasks/" + task["id"].get<std::string>()))["ticket"], task["ticket"]);
  EXPECT_EQ(as_admin("POST", tickets).status, 409U) << "one at a time";
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/rescue/reissue").status, 409U) << "a session has room for one command";
}

TEST_F(TicketRoutes, AskTheCustomerForControlByDefault) {
  serve();
  const auto response = as_admin("POST", tickets);
  ASSERT_EQ(response.status, 202U) << response.body;
  EXPECT_EQ(body_of(response)["ticket"], (json{{"role", "control"}, {"ask_customer", true}}));
}

TEST_F(TicketRoutes, RefuseAWrongOrder) {
  serve();
  for (const auto& wrong : {json{{"role", "admin"}}, json{{"port", 0}}, json{{"port", 65536}}, json{{"ask", true}},
                            json{{"ask_customer", "no"}}}) {
    EXPECT_EQ(as_admin("POST", tickets, wrong).status, 400U) << wrong;
  }
}

TEST_F(TicketRoutes, NeedASessionThatServesAndIsAlive) {
  EXPECT_EQ(as_admin("POST", tickets).status, 409U) << "there is no rescue";
  EXPECT_EQ(as_admin("GET", tickets).status, 200U);
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-99/tickets").status, 404U);
  serve();
  report({{"phase", "starting"}});
  EXPECT_EQ(as_admin("POST", tickets).status, 409U);
  report();
  clock_.advance(std::chrono::minutes(2));
  const auto silent = as_admin("POST", tickets);
  EXPECT_EQ(silent.status, 409U);
  EXPECT_NE(silent.body.find("is silent"), std::string::npos) << silent.body;
}

TEST_F(TicketRoutes, NeedAKeyThatReadsTheNumber) {
  come_up({});
  report();
  const auto refused = as_admin("POST", tickets);
  EXPECT_EQ(refused.status, 409U);
  EXPECT_NE(refused.body.find("rescuectl ticket open"), std::string::npos) << refused.body;
}

TEST_F(TicketRoutes, ShowTheSealedNumberToThoseWhoMayOpenOne) {
  serve();
  EXPECT_EQ(shown(admin_), json());
  report({{"ticket", open_ticket()}});
  EXPECT_EQ(shown(token("ops", Role::operating)), open_ticket());
  auto without = open_ticket();
  without.erase("sealed");
  EXPECT_EQ(shown(token("looker", Role::read_only)), without);
  EXPECT_FALSE(body_of(as_admin("GET", "/v1/servers/web-01/rescue")).contains("ticket"));
}

TEST_F(TicketRoutes, OpenNoSecondTicketAndEndNone) {
  serve();
  EXPECT_EQ(as_admin("DELETE", tickets).status, 409U) << "none is open";
  report({{"ticket", open_ticket()}});
  EXPECT_EQ(as_admin("POST", tickets).status, 409U);
  const auto ended = as_admin("DELETE", tickets);
  ASSERT_EQ(ended.status, 202U) << ended.body;
  EXPECT_EQ(body_of(ended)["kind"], "ticket-end");
}

TEST_F(TicketRoutes, ShowNoTicketOfASessionThatHasEnded) {
  serve();
  report({{"ticket", open_ticket()}});
  report({{"phase", "finished"}, {"ticket", open_ticket()}});
  EXPECT_EQ(shown(admin_), json());
}

}  // namespace
}  // namespace rescue::netboot::api
