// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket.hpp"
#include "netboot/console/relay.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/session_rows.hpp"
#include "tests/unit/netboot/api_under_test.hpp"

namespace rescue::netboot::api {
namespace {

class ConsoleRoutes : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    servers().add(server_named("web-01"));
    servers().add(server_named("db-01", "52:54:00:00:00:02"));
    agent_ = come_up("web-01", "s-1");
    other_agent_ = come_up("db-01", "s-2");
    RelaySettings settings;
    settings.url = "http://192.0.2.10:8470";
    relay_ = std::make_unique<ConsoleRelay>(store(), settings);
    options_.consoles = relay_.get();
    options_.limits.failed.rate = 0;
    make();
  }
  void TearDown() override {
    router_.reset();
    relay_.reset();
    ApiUnderTest::TearDown();
  }
  /// Returns the token of its host agent.
  std::string come_up(const std::string& server, const std::string& id) {
    const auto token = "rescue_agent_of_" + server;
    store().database().write([&](soci::session& session, ChangeSet& changed) {
      const auto lease = rows::grant_lease(session, server, rescue_for(std::chrono::hours(4)), store().now());
      AgentSession made{id, ServerName::parse(server), lease.id, 1, store().now(), store().now()};
      rows::insert_session(session, made, hash_of(token));
      changed.session(id, server);
    });
    return token;
  }
  http::Response open(const std::string& protocols) {
    return ask("", "GET", "/v1/console", {}, {{"sec-websocket-protocol", protocols}});
  }
  json make_pass(const json& body = json::object()) {
    const auto response = as_admin("POST", "/v1/servers/web-01/consoles", body);
    EXPECT_EQ(response.status, 201U) << response.body;
    return body_of(response);
  }

  std::unique_ptr<ConsoleRelay> relay_;
  std::string agent_;
  std::string other_agent_;
};

TEST_F(ConsoleRoutes, MakeAPassThatOpensOnce) {
  const auto made = make_pass({{"role", "view"}, {"ttl", "1h"}});
  EXPECT_EQ(made["role"], "view");
  EXPECT_EQ(made["session"], "s-1");
  const auto pass = made["pass"].get<std::string>();
  EXPECT_EQ(made["url"], "/console/web-01#" + pass);
  const auto opened = open("rescue-console, pass." + pass);
  EXPECT_EQ(opened.status, 101U) << opened.body;
  ASSERT_TRUE(opened.upgrade);
  EXPECT_EQ(opened.upgrade->subprotocol, "rescue-console");
  EXPECT_EQ(open("rescue-console, pass." + pass).status, 410U);
  EXPECT_EQ(open("rescue-console, pass.unknown").status, 404U);
  EXPECT_EQ(open("rescue-console, resume.unknown").status, 404U);
}

TEST_F(ConsoleRoutes, TakeAPassInTheHeaderOnly) {
  const auto pass = make_pass()["pass"].get<std::string>();
  for (const auto& protocols : {std::string(), "pass." + pass, std::string("rescue-console"), "chat, pass." + pass}) {
    EXPECT_EQ(open(protocols).status, 400U) << protocols;
  }
  query_["pass"] = pass;
  EXPECT_EQ(open("rescue-console").status, 400U);
  query_.clear();
  EXPECT_EQ(open("rescue-console, pass." + pass).status, 101U) << "it was not used up";
}

TEST_F(ConsoleRoutes, RefuseWhatTheyDoNotKnow) {
  for (const auto& body : {json{{"role", "owner"}}, json{{"ttl", "1s"}}, json{{"ttl", "25h"}}, json{{"server", "x"}}}) {
    EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/consoles", body).status, 400U) << body;
  }
  EXPECT_EQ(as_admin("DELETE", "/v1/consoles/c-99").status, 404U);
  EXPECT_EQ(as_admin("DELETE", "/v1/consoles/x").status, 404U);
  EXPECT_EQ(as_admin("GET", "/v1/servers/nobody/consoles").status, 404U);
}

TEST_F(ConsoleRoutes, AreForTokensOfTheirServers) {
  const auto other = token("other", Role::panel, {"db-01"});
  const auto id = make_pass()["id"].get<std::string>();
  EXPECT_EQ(ask(other, "POST", "/v1/servers/web-01/consoles", json::object()).status, 404U);
  EXPECT_EQ(ask(other, "GET", "/v1/servers/web-01/consoles").status, 404U);
  EXPECT_EQ(ask(other, "DELETE", "/v1/consoles/" + id).status, 404U);
  const auto reader = token("reader", Role::read_only);
  EXPECT_EQ(ask(reader, "POST", "/v1/servers/web-01/consoles", json::object()).status, 403U);
  const auto listed = ask(reader, "GET", "/v1/servers/web-01/consoles");
  EXPECT_EQ(body_of(listed)["passes"].at(0)["id"], id);
  EXPECT_FALSE(body_of(listed)["passes"].at(0).contains("pass"));
  const auto operating = token("operator", Role::operating);
  EXPECT_EQ(ask(operating, "POST", "/v1/servers/web-01/consoles", json::object()).status, 201U);
  EXPECT_EQ(ask(operating, "DELETE", "/v1/consoles/" + id).status, 204U);
  EXPECT_EQ(ask(operating, "DELETE", "/v1/consoles/" + id).status, 204U);
}

TEST_F(ConsoleRoutes, LimitGuessesByAddress) {
  const auto pass = make_pass()["pass"].get<std::string>();
  options_.limits.failed = {1, 3};
  make();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(open("rescue-console, pass.unknown").status, 404U);
  EXPECT_EQ(open("rescue-console, pass." + pass).status, 429U);
  peer_ = "192.0.2.98";
  EXPECT_EQ(open("rescue-console, pass." + pass).status, 101U) << "another address";
}

TEST_F(ConsoleRoutes, ServeTheHostOfTheSessionOnly) {
  const auto pass = make_pass()["pass"].get<std::string>();
  const auto browser = open("rescue-console, pass." + pass);
  ASSERT_EQ(browser.status, 101U);
  const auto dial = [&](const std::string& token, const std::string& id) {
    return ask(token, "GET", "/v1/agent/console/" + id, {}, {{"sec-websocket-protocol", "rescue-console"}}).status;
  };
  EXPECT_EQ(dial(other_agent_, "v-1.1"), 404U) << "another server's";
  EXPECT_EQ(dial(agent_, "v-1.2"), 404U) << "another connection";
  EXPECT_EQ(dial(admin_, "v-1.1"), 403U) << "no host";
  EXPECT_EQ(dial("", "v-1.1"), 401U);
  EXPECT_EQ(dial(agent_, "v-1.1"), 101U);
  EXPECT_EQ(ask(agent_, "GET", "/v1/agent/consoles", {}, {{"sec-websocket-protocol", "rescue-consoles"}}).status, 101U);
  EXPECT_EQ(ask(agent_, "GET", "/v1/agent/consoles").status, 400U);
}

}  // namespace
}  // namespace rescue::netboot::api
