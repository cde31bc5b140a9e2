// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

class TaskRoutes : public Asked {
protected:
  void SetUp() override {
    Asked::SetUp();
    options_.agent.url = "http://192.0.2.1:8470";
    options_.tasks = TaskLimits{};
    for (const auto* const name : {"web-01", "web-02"}) {
      const std::string digit(1, std::string(name).back());
      add({{"name", name}, {"macs", {"52:54:00:00:00:0" + digit}}, {"address", "203.0.113." + digit}});
    }
  }
  std::string begin_rescue(const std::string& server) {
    const auto response = as_admin("POST", "/v1/servers/" + server + "/rescue", {{"power", "none"}});
    EXPECT_EQ(response.status, 202U) << response.body;
    return body_of(response)["id"];
  }
  std::vector<std::string> listed(const std::string& target) {
    const auto response = as_admin("GET", target);
    EXPECT_EQ(response.status, 200U) << response.body;
    std::vector<std::string> ids;
    const auto body = body_of(response);
    for (const auto& task : body["tasks"]) ids.push_back(task["id"]);
    return ids;
  }
  using Ids = std::vector<std::string>;
};

TEST_F(TaskRoutes, ListTheLatestFirstAndByWhatIsAskedFor) {
  (void)begin_rescue("web-01");
  (void)begin_rescue("web-02");
  EXPECT_EQ(listed("/v1/tasks"), Ids({"t-2", "t-1"}));
  EXPECT_EQ(listed("/v1/tasks?server=web-01"), Ids({"t-1"}));
  EXPECT_EQ(listed("/v1/servers/web-02/tasks"), Ids({"t-2"}));
  EXPECT_EQ(listed("/v1/tasks?kind=power"), Ids());
  ASSERT_EQ(as_admin("POST", "/v1/tasks/t-1/cancel").status, 200U);
  EXPECT_EQ(listed("/v1/tasks?state=cancelled"), Ids({"t-1"}));
  EXPECT_EQ(listed("/v1/tasks?kind=rescue&state=queued"), Ids({"t-2"}));
  for (const auto* const query : {"kind=boot", "state=over", "server=Web", "cursor=x", "limit=0", "states=failed"}) {
    EXPECT_EQ(as_admin("GET", std::string("/v1/tasks?") + query).status, 400U) << query;
  }
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-09/tasks").status, 404U);
}

TEST_F(TaskRoutes, TurnPages) {
  for (int i = 0; i < 3; ++i) {
    const auto id = begin_rescue("web-01");
    ASSERT_EQ(as_admin("POST", "/v1/tasks/" + id + "/cancel").status, 200U);
  }
  const auto first = as_admin("GET", "/v1/tasks?limit=2");
  const auto link = header(first, "Link");
  ASSERT_TRUE(link.starts_with("</v1/tasks?")) << link;
  EXPECT_EQ(listed(link.substr(1, link.find('>') - 1)), Ids({"t-1"}));
}

TEST_F(TaskRoutes, CancelARescueThatHasNotBegun) {
  const auto id = begin_rescue("web-01");
  const auto cancelled = as_admin("POST", "/v1/tasks/" + id + "/cancel");
  ASSERT_EQ(cancelled.status, 200U) << cancelled.body;
  EXPECT_EQ(body_of(cancelled)["state"], "cancelled");
  EXPECT_EQ(body_of(cancelled)["error"]["detail"], "it was cancelled by admin");
  EXPECT_EQ(boot(), BootMode::disk) << "its lease has ended with it";
  const auto again = as_admin("POST", "/v1/tasks/" + id + "/cancel");
  EXPECT_EQ(again.status, 409U);
  EXPECT_NE(again.body.find("is over"), std::string::npos);
  EXPECT_EQ(begin_rescue("web-01"), "t-2") << "nothing is in the way of the next";
  EXPECT_EQ(as_admin("POST", "/v1/tasks/t-77/cancel").status, 404U);
}

TEST_F(TaskRoutes, CancelNoRescueThatHasASession) {
  const auto id = begin_rescue("web-01");
  ASSERT_EQ(boot("52:54:00:00:00:01"), BootMode::rescue_windows);
  Sessions sessions(store(), AgentRules{});
  const auto token = sessions.mint(MacAddress::parse("52:54:00:00:00:01"), "203.0.113.1");
  (void)sessions.redeem(token.token.reveal(), std::string(64, 'a'));
  const auto late = as_admin("POST", "/v1/tasks/" + id + "/cancel");
  EXPECT_EQ(late.status, 409U);
  EXPECT_NE(late.body.find("rescue finish web-01"), std::string::npos) << late.body;
}

TEST_F(TaskRoutes, LetNoTwoRescuesOfAServerAtOnce) {
  (void)begin_rescue("web-01");
  const auto second = as_admin("POST", "/v1/servers/web-01/rescue", {{"power", "none"}});
  EXPECT_EQ(second.status, 409U);
  EXPECT_NE(body_of(second)["hint"].get<std::string>().find("task show t-1"), std::string::npos);
}

TEST_F(TaskRoutes, DiscardNoChangesThatAreOnTheDisksAlready) {
  const auto id = begin_rescue("web-01");
  const auto refused = as_admin("DELETE", "/v1/servers/web-01/rescue?changes=discard");
  EXPECT_EQ(refused.status, 409U) << refused.body;
  EXPECT_NE(body_of(refused)["detail"].get<std::string>().find("writes directly to its disks"), std::string::npos);
  EXPECT_NE(body_of(refused)["hint"].get<std::string>().find("changes=keep"), std::string::npos);
  EXPECT_EQ(body_of(as_admin("GET", "/v1/tasks/" + id))["state"], "queued") << "nothing was done";
  EXPECT_EQ(listed("/v1/tasks"), Ids({"t-1"}));
  EXPECT_EQ(boot("52:54:00:00:00:01"), BootMode::rescue_windows);
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01/rescue?changes=undo").status, 400U);
  const auto kept = as_admin("DELETE", "/v1/servers/web-01/rescue?then=stay");
  ASSERT_EQ(kept.status, 202U) << kept.body;
  EXPECT_EQ(body_of(kept)["changes"], "keep");
  EXPECT_EQ(body_of(kept)["then"], "stay");
}

TEST_F(TaskRoutes, DiscardTheChangesOfARescueThatKeepsThemApart) {
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/rescue", {{"power", "none"}, {"disk_mode", "overlay"}}).status, 202U);
  const auto finish = as_admin("DELETE", "/v1/servers/web-01/rescue?changes=discard");
  ASSERT_EQ(finish.status, 202U) << finish.body;
  EXPECT_EQ(body_of(as_admin("GET", "/v1/tasks/t-2"))["changes"], "discard");
  const auto log = body_of(as_admin("GET", "/v1/audit?server=web-01"));
  EXPECT_NE(log.dump().find(R"("changes":"discard")"), std::string::npos) << log.dump(2);
}

TEST_F(TaskRoutes, FinishNothingWhereNothingIs) {
  const auto response = as_admin("DELETE", "/v1/servers/web-01/rescue");
  EXPECT_EQ(response.status, 409U) << response.body;
  EXPECT_NE(body_of(response)["hint"].get<std::string>(), "");
}

}  // namespace
}  // namespace rescue::netboot::api
