// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/server_search.hpp"
#include "tests/unit/netboot/asked.hpp"

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

class ServerSearch : public Asked {
protected:
  void SetUp() override {
    Asked::SetUp();
    add({{"name", "db-01"}, {"macs", {"52:54:00:00:00:01"}}, {"serial", "B5V_FS12"}, {"tags", {"rack-1", "sql"}}});
    add({{"name", "web-01"},
         {"macs", {"52:54:00:00:00:02", "52:54:00:ab:cd:ef"}},
         {"address", "203.0.113.7"},
         {"tags", {"rack-1"}}});
    add({{"name", "web-02"},
         {"macs", {"52:54:00:00:00:03"}},
         {"uuid", "4c4c4544-0042-3510-8056-b4c04f463132"},
         {"tags", {"rack-2"}}});
  }
  std::vector<std::string> found(const std::string& query) {
    const auto response = as_admin("GET", "/v1/servers?" + query);
    EXPECT_EQ(response.status, 200U) << query << response.body;
    std::vector<std::string> names;
    const auto body = body_of(response);
    for (const auto& server : body["servers"]) names.push_back(server["name"]);
    return names;
  }
  using Names = std::vector<std::string>;
};

TEST_F(ServerSearch, FindsByPartsOfWhatIsKnown) {
  EXPECT_EQ(found("q=web"), Names({"web-01", "web-02"}));
  EXPECT_EQ(found("q=WEB-02"), Names({"web-02"}));
  EXPECT_EQ(found("q=ABCD.EF"), Names({"web-01"})) << "a MAC address, however it is written";
  EXPECT_EQ(found("q=52-54-00-00"), Names({"db-01", "web-01", "web-02"}));
  EXPECT_EQ(found("q=113.7"), Names({"web-01"}));
  EXPECT_EQ(found("q=b5v_"), Names({"db-01"}));
  EXPECT_EQ(found("q=0042-3510"), Names({"web-02"}));
  EXPECT_EQ(found("q=rack"), Names({"db-01", "web-01", "web-02"}));
  EXPECT_EQ(found("q=nothing"), Names());
}

TEST_F(ServerSearch, TakesNoTextForAPattern) {
  EXPECT_EQ(found("q=%25"), Names());
  EXPECT_EQ(found("q=w_b"), Names());
  EXPECT_EQ(found("q=!"), Names());
  EXPECT_EQ(found("q=%27%20OR%20%271%27=%271"), Names());
}

TEST_F(ServerSearch, FiltersByTagAndMode) {
  EXPECT_EQ(found("tag=rack-1"), Names({"db-01", "web-01"}));
  EXPECT_EQ(found("tag=rack-1&q=web"), Names({"web-01"}));
  EXPECT_EQ(found("tag=rack"), Names()) << "the whole tag";
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", "rescue-windows"}, {"ttl", "1h"}}).status, 200U);
  EXPECT_EQ(found("mode=rescue-windows"), Names({"web-01"}));
  EXPECT_EQ(found("mode=disk"), Names({"db-01", "web-02"}));
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(found("mode=rescue-windows"), Names()) << "the lease has run out";
  EXPECT_EQ(found("mode=disk&tag=rack-1"), Names({"db-01", "web-01"}));
}

/// The filter in SQL matches the rule in the domain throughout a lease's life.
TEST_F(ServerSearch, SaysOfALeaseWhatTheRulesSay) {
  const auto agree = [this](const char* where) {
    for (const auto* const mode : {"disk", "rescue-windows"}) {
      Names expected;
      for (const auto& state : all_servers()) {
        if (state.mode.name() == mode) expected.push_back(state.server.name.text());
      }
      EXPECT_EQ(found(std::string("mode=") + mode), expected) << where;
    }
  };
  (void)leases().grant(web_, rescue_for(std::chrono::hours(2)));
  agree("until finished");
  for (int boots = 0; boots < 3; ++boots) {
    (void)boot("52:54:00:00:00:02");
    agree("booted");
    clock_.advance(std::chrono::seconds(31));
    agree("after the repeats");
  }
  (void)leases().grant(web_, rescue_for(std::chrono::hours(2)));
  (void)boot("52:54:00:00:00:02");
  clock_.advance(LeaseLimits{}.dead_man);
  agree("about to be unheard");
  clock_.advance(Milliseconds(1));
  agree("unheard");
  (void)leases().grant(web_, rescue_for(std::chrono::hours(2), LeasePolicy::once));
  agree("once");
  (void)boot("52:54:00:00:00:02");
  agree("once, booted");
  (void)leases().end(web_, "admin");
  agree("ended");
}

TEST_F(ServerSearch, TurnsPages) {
  Names names;
  std::string target = "/v1/servers?limit=2&q=0";
  for (int pages = 0; pages < 2; ++pages) {
    const auto response = as_admin("GET", target);
    const auto body = body_of(response);
    for (const auto& server : body["servers"]) names.push_back(server["name"]);
    if (body["next"].is_null()) {
      EXPECT_EQ(header(response, "Link"), "");
      break;
    }
    const auto link = header(response, "Link");
    ASSERT_TRUE(link.starts_with("</v1/servers?") && link.ends_with(">; rel=\"next\"")) << link;
    target = link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(names, Names({"db-01", "web-01", "web-02"}));
}

TEST_F(ServerSearch, RefusesAQueryThatMeansNothing) {
  for (const auto* const query :
       {"limit=0", "limit=1001", "limit=-1", "limit=x", "limit=99999999999999999999", "cursor=web-01", "cursor=x",
        "mode=rescue", "tag=A", "names=web", "q=%C3%A4", "q=%00", "cursor=YWZ0ZXI6Jw=="}) {
    const auto response = as_admin("GET", std::string("/v1/servers?") + query);
    EXPECT_EQ(response.status, 400U) << query;
  }
  EXPECT_NE(as_admin("GET", "/v1/servers?names=web").body.find("'names' is not known"), std::string::npos);
}

}  // namespace
}  // namespace rescue::netboot::api
