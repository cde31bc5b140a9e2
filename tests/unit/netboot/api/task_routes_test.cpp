// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/asked.hpp"

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
  (void)begin_session("203.0.113.1");
  const auto late = as_admin("POST", "/v1/tasks/" + id + "/cancel");
  EXPECT_EQ(late.status, 409U);
  EXPECT_NE(late.body.find("rescue finish web-01"), std::string::npos) << late.body;
}

TEST_F(TaskRoutes, LeaveAServerInASessionAlone) {
  ASSERT_NO_THROW(put_bmc(web_, BmcEndpoint{"192.0.2.1", 623, "operator", 17, "sealed"}));
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/rescue", {{"power", "none"}, {"policy", "once"}}).status, 202U);
  ASSERT_EQ(boot("52:54:00:00:00:01"), BootMode::rescue_windows);
  (void)begin_session("203.0.113.1");
  // The policy has ended the lease, but not the session.
  const auto expect_refused = [&](const http::Response& response) {
    EXPECT_EQ(response.status, 409U) << response.body;
    EXPECT_NE(response.body.find("rescue finish web-01"), std::string::npos) << response.body;
  };
  expect_refused(as_admin("DELETE", "/v1/servers/web-01"));
  expect_refused(as_admin("DELETE", "/v1/servers/web-01?force=false"));
  for (const auto* const mode : {"disk", "rescue-windows", "memory-test"}) {
    expect_refused(as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", mode}}));
  }
  for (const auto* const action : {"off", "cycle", "reset", "shutdown", "restart"}) {
    expect_refused(as_admin("POST", "/v1/servers/web-01/power", {{"action", action}}));
  }
  expect_refused(as_admin("PATCH", "/v1/servers/web-01", {{"address", "203.0.113.77"}}));
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-01", {{"notes", "in a session"}}).status, 200U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-01?force=true", {{"address", "203.0.113.77"}}).status, 200U);
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01?force=yes").status, 400U);
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/power", {{"action", "on"}}).status, 202U) << "that does no harm";
  ASSERT_EQ(as_admin("POST", "/v1/tasks/t-2/cancel").status, 200U);
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/power", {{"action", "off"}, {"force", true}}).status, 202U);
  ASSERT_EQ(as_admin("POST", "/v1/tasks/t-3/cancel").status, 200U);
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/power?force=true", {{"action", "off"}}).status, 202U);
  EXPECT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", "disk"}, {"force", true}}).status, 200U);
  EXPECT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode?force=true", {{"mode", "disk"}}).status, 200U);
  expect_refused(as_admin("DELETE", "/v1/servers/web-01"));
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01?force=true").status, 204U);
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01").status, 404U);
}

TEST_F(TaskRoutes, SwitchThePowerUnderAHostThatIsSilent) {
  ASSERT_NO_THROW(put_bmc(web_, BmcEndpoint{"192.0.2.1", 623, "operator", 17, "sealed"}));
  (void)begin_rescue("web-01");
  ASSERT_EQ(boot("52:54:00:00:00:01"), BootMode::rescue_windows);
  (void)begin_session("203.0.113.1");
  clock_.advance(AgentRules{}.alive + Milliseconds(1));
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/power", {{"action", "reset"}}).status, 202U);
}

TEST_F(TaskRoutes, ForgetNoServerWhoseBmcIsAtWork) {
  ASSERT_NO_THROW(put_bmc(web_, BmcEndpoint{"192.0.2.1", 623, "operator", 17, "sealed"}));
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/power", {{"action", "off"}}).status, 202U);
  Tasks tasks(store(), AgentRules{});
  auto claimed = tasks.claim({}, std::chrono::seconds(15)).value().task;
  claimed.state = TaskState::running;
  ASSERT_TRUE(tasks.save(claimed));
  const auto refused = as_admin("DELETE", "/v1/servers/web-01");
  EXPECT_EQ(refused.status, 409U) << refused.body;
  EXPECT_NE(refused.body.find("task show t-1"), std::string::npos) << refused.body;
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01/bmc").status, 409U) << "who would turn it on again?";
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01/bmc?force=true").status, 204U);
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01?force=true").status, 204U);
  EXPECT_EQ(code_of([&] { (void)tasks.save(claimed); }), ErrorCode::not_found) << "whoever is at it stops";
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
