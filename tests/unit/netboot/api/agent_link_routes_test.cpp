// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/sealed_box.hpp"
#include "netboot/service/link_sender.hpp"
#include "tests/unit/netboot/sealed_by_maker.hpp"
#include "tests/unit/netboot/with_host_agent.hpp"

#include <set>

namespace rescue::netboot::api {
namespace {

/// Keeps what it is to send; like the queue it ignores a link that it has.
class QueueInMemory final : public LinkSender {
public:
  void send(const LinkToSend& link) override {
    ++calls;
    if (failure) throw Error(*failure);
    if (!urls.insert(std::string(link.link.reveal())).second) return;
    address = link.notify_address;
    language = link.notify_language;
    code = link.code ? std::string(link.code->reveal()) : "";
    connection = link.connection;
    ends = link.ends;
  }
  int calls = 0;
  std::set<std::string> urls;
  std::string address, language, code;
  credentials::ConnectionDetails connection;
  std::optional<WallTime> ends;
  std::optional<Error> failure;
};

/// The link of a rescue whose host agent is up.
class AgentLinkRoutes : public WithHostAgent {
protected:
  void SetUp() override {
    WithHostAgent::SetUp();
    options_.key_file = folder_ + "/secrets.key";
    options_.links_url = "https://rescue.example";
    options_.link_sender = &queue_;
    make();
  }
  [[nodiscard]] RescueRequest with_code() const {
    RescueRequest request;
    request.public_key = base64_of(panel_.public_key);
    request.notify_address = "admin@example.org";
    request.notify_language = "de";
    request.link = true;
    return request;
  }
  /// The request of a host agent that has been asked to have its link sent.
  [[nodiscard]] json body(const SealedByMaker& made, bool with_key = true) const {
    auto body = made.body();
    if (with_key) body["link_key"] = made.key.reveal();
    if (made.code) {
      const json text{{"link", "https://rescue.example/s/" + made.id + "#" + std::string(made.key.reveal())},
                      {"code", made.code->reveal()}};
      const auto plain = text.dump();
      body["sealed_code"] = base64_of(seal(Secret(std::string_view(plain)), panel_.public_key));
    }
    body["connection"] = {{"address", "203.0.113.7"}, {"user", "Administrator"}, {"ssh_host_key", "nonsense"}};
    return body;
  }
  std::string keep(const json& body) {
    const auto response = as_agent("POST", "/v1/agent/secrets", body);
    EXPECT_EQ(response.status, 201U) << response.body;
    return body_of(response).value("id", "");
  }
  json shown(const std::string& id) { return body_of(as_admin("GET", "/v1/secrets/" + id)); }
  http::Response reveal(const SealedByMaker& made) {
    return ask("", "POST", "/v1/links/" + made.id + "/reveal", made.code ? made.with(made.proof()) : made.with(),
               {{"content-type", "application/json"}});
  }

  QueueInMemory queue_;
  BoxKeys panel_ = make_box_keys();
};

TEST_F(AgentLinkRoutes, HandTheLinkToItsSenderAndTheSealedCodeToPanels) {
  come_up(with_code());
  const SealedByMaker made;
  const auto sent = body(made);
  const auto id = keep(sent);
  EXPECT_EQ(queue_.urls,
            (std::set<std::string>{"https://rescue.example/s/" + made.id + "#" + std::string(made.key.reveal())}));
  EXPECT_EQ(queue_.address, "admin@example.org");
  EXPECT_EQ(queue_.language, "de");
  EXPECT_EQ(queue_.code, "") << "netbootd never has it";
  EXPECT_TRUE(queue_.ends);
  ASSERT_EQ(queue_.connection.addresses.size(), 1U);
  EXPECT_EQ(queue_.connection.user, "Administrator");
  EXPECT_TRUE(queue_.connection.host_keys.empty()) << "a malformed one is left out";

  EXPECT_EQ(shown(id)["sealed_code"], sent["sealed_code"]);
  EXPECT_EQ(shown(id)["sending"], "queued");
  EXPECT_EQ(shown(id)["session"], session_);
  const auto panel = token("panel-eu", Role::panel);
  const auto listed = body_of(ask(panel, "GET", "/v1/servers/web-01/secrets"))["secrets"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["sealed_code"], sent["sealed_code"]);
  for (const auto role : {Role::read_only, Role::operating}) {
    const auto name = std::string("a-") + std::string(name_of(role));
    EXPECT_FALSE(body_of(ask(token(name, role), "GET", "/v1/secrets/" + id)).contains("sealed_code"));
  }
  ASSERT_EQ(reveal(made).status, 200U);
  EXPECT_EQ(shown(id)["sealed_code"], nullptr) << "wiped with the secret";
}

TEST_F(AgentLinkRoutes, ReplaceTheLinkOfAnOlderPassword) {
  come_up(with_code());
  const SealedByMaker older;
  const SealedByMaker newer;
  const SealedByMaker of_a_panel;
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/secrets", of_a_panel.body()).status, 201U);
  const auto first = keep(body(older));
  const auto second = keep(body(newer));
  EXPECT_EQ(shown(first)["state"], "revoked");
  EXPECT_EQ(shown(first)["revoked_by"], "agent of web-01");
  EXPECT_EQ(shown(first)["sealed_code"], nullptr);
  EXPECT_EQ(reveal(older).status, 410U);
  EXPECT_EQ(shown(second)["state"], "waiting");
  EXPECT_EQ(reveal(newer).status, 200U);
  EXPECT_EQ(reveal(of_a_panel).status, 200U) << "that of a panel is not an agent's to revoke";
}

TEST_F(AgentLinkRoutes, TakeTheSameLinkAgainWhenTheAnswerWasLost) {
  come_up(with_code());
  const SealedByMaker made;
  const auto sent = body(made);
  const auto id = keep(sent);
  EXPECT_EQ(keep(sent), id);
  EXPECT_EQ(shown(id)["state"], "waiting");
  EXPECT_EQ(queue_.calls, 2);
  EXPECT_EQ(queue_.urls.size(), 1U);
  const SealedByMaker other;
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/secrets", other.body()).status, 201U);
  EXPECT_EQ(as_agent("POST", "/v1/agent/secrets", body(other)).status, 409U) << "the name is somebody else's";
}

TEST_F(AgentLinkRoutes, SendALinkThatCouldNotBeQueuedWhenItComesAgain) {
  come_up(with_code());
  const SealedByMaker made;
  const auto sent = body(made);
  queue_.failure = Error(ErrorCode::unavailable, "the database is away");
  EXPECT_EQ(as_agent("POST", "/v1/agent/secrets", sent).status, 503U);
  queue_.failure.reset();
  const auto id = keep(sent);
  EXPECT_EQ(shown(id)["sending"], "queued");
  EXPECT_EQ(queue_.urls.size(), 1U);
}

TEST_F(AgentLinkRoutes, SayThatThereIsNoReceiver) {
  options_.link_sender = nullptr;
  make();
  come_up(with_code());
  const SealedByMaker made;
  const auto id = keep(body(made));
  EXPECT_EQ(shown(id)["sending"], "no-receiver");
  EXPECT_EQ(reveal(made).status, 200U);
}

TEST_F(AgentLinkRoutes, TakeTheCodeInClearForAWebhookOnly) {
  auto request = with_code();
  request.code = contract::CodePolicy::webhook;
  come_up(request);
  const SealedByMaker made;
  auto sent = body(made);
  sent["code"] = made.code->reveal();
  const auto id = keep(sent);
  EXPECT_EQ(queue_.code, made.code->reveal());
  EXPECT_EQ(shown(id).dump().find(std::string(made.code->reveal())), std::string::npos);
}

TEST_F(AgentLinkRoutes, RefuseWhatNobodyAskedFor) {
  auto request = with_code();
  request.notify_address.clear();
  come_up(request);
  const SealedByMaker made;
  EXPECT_EQ(as_agent("POST", "/v1/agent/secrets", body(made)).status, 409U) << "no link is sent";
  auto with_clear_code = body(made, false);
  with_clear_code["code"] = made.code->reveal();
  EXPECT_EQ(as_agent("POST", "/v1/agent/secrets", with_clear_code).status, 409U);
  EXPECT_EQ(ask("", "GET", "/v1/links/" + made.id).status, 404U) << "nothing was kept";
  EXPECT_EQ(queue_.calls, 0);
  EXPECT_EQ(as_agent("POST", "/v1/agent/secrets", body(made, false)).status, 201U);
}

TEST_F(AgentLinkRoutes, RefuseAKeyThatIsNotTheLinks) {
  come_up(with_code());
  const SealedByMaker made;
  const auto fault = [&](const char* field, const json& value) {
    auto wrong = body(made);
    wrong[field] = value;
    return as_agent("POST", "/v1/agent/secrets", wrong).status;
  };
  EXPECT_EQ(fault("link_key", std::string(credentials::generate_link_key().reveal())), 400U);
  EXPECT_EQ(fault("link_key", "short"), 400U);
  EXPECT_EQ(fault("code", "short"), 400U);
  EXPECT_EQ(fault("sealed_code", "not base64!"), 400U);
  EXPECT_EQ(fault("sealed_code", std::string(2049, 'A')), 400U);
  EXPECT_EQ(fault("notify", "elsewhere@example.org"), 400U) << "a host does not choose who gets mail";
  EXPECT_EQ(queue_.calls, 0);
}

TEST_F(AgentLinkRoutes, GoWithTheSession) {
  come_up(with_code());
  const SealedByMaker made;
  const auto id = keep(body(made));
  ASSERT_EQ(as_agent("POST", "/v1/agent/heartbeat", {{"phase", "finished"}}).status, 200U);
  EXPECT_EQ(shown(id)["state"], "revoked") << "its password is gone";
  EXPECT_EQ(shown(id)["revoked_by"], "netbootd: the session has ended");
}

TEST_F(AgentLinkRoutes, AreAskedForByTheRequest) {
  options_.agent.url = "http://192.0.2.1:8470";
  make();
  const auto start = [this](json order) {
    order["power"] = "none";
    return as_admin("POST", "/v1/servers/web-01/rescue", order);
  };
  const json notify{{"address", "admin@example.org"}};
  const auto no_key = start({{"notify", notify}});
  EXPECT_EQ(no_key.status, 400U);
  EXPECT_NE(no_key.body.find("public_key is missing"), std::string::npos) << no_key.body;
  EXPECT_NE(body_of(no_key)["hint"].get<std::string>().find("netbootctl keygen"), std::string::npos);
  EXPECT_EQ(start({{"link", true}, {"code", "none"}}).status, 400U) << "nobody would get it";
  EXPECT_EQ(start({{"code", "panel"}}).status, 400U) << "there is no link";
  EXPECT_EQ(start({{"notify", notify}, {"code", "sms"}}).status, 400U);
  EXPECT_EQ(start({{"notify", notify}, {"link", "yes"}}).status, 400U);

  options_.links_url.clear();
  make();
  const auto no_url = start({{"notify", notify}, {"code", "none"}});
  EXPECT_EQ(no_url.status, 422U);
  EXPECT_NE(no_url.body.find("links.url"), std::string::npos) << no_url.body;
  EXPECT_EQ(start({{"notify", notify}, {"link", false}}).status, 202U);
}

/// The member `link` of what the host agent is asked for.
class RedeemedLink : public AgentLinkRoutes {
protected:
  json redeemed(const RescueRequest& request) {
    auto lease = rescue_for(std::chrono::hours(1));
    lease.rescue = request;
    (void)leases().grant(web_, lease);
    (void)boot();
    Sessions sessions(store(), {});
    const auto boot_token = sessions.mint(MacAddress::parse("52:54:00:00:00:01"), "203.0.113.7");
    peer_ = "203.0.113.7";
    const auto response = ask(std::string(boot_token.token.reveal()), "POST", "/v1/agent/redeem",
                              {{"agent_token_sha256", std::string(64, 'a')}});
    EXPECT_EQ(response.status, 201U) << response.body;
    return body_of(response)["request"].value("link", json());
  }
};

TEST_F(RedeemedLink, HasUrlPolicyAndWhetherItIsSent) {
  EXPECT_EQ(redeemed(with_code()), (json{{"url", "https://rescue.example"}, {"code", "panel"}, {"send", true}}));
}

TEST_F(RedeemedLink, IsNotSentWithoutAnAddress) {
  auto request = with_code();
  request.notify_address.clear();
  EXPECT_EQ(redeemed(request)["send"], false);
}

TEST_F(RedeemedLink, IsSentByWebhookWithoutAnAddress) {
  auto request = with_code();
  request.notify_address.clear();
  request.code = contract::CodePolicy::webhook;
  EXPECT_EQ(redeemed(request), (json{{"url", "https://rescue.example"}, {"code", "webhook"}, {"send", true}}));
}

TEST_F(RedeemedLink, IsMissingWhereNoneIsWanted) { EXPECT_TRUE(redeemed(RescueRequest{}).is_null()); }

TEST_F(AgentLinkRoutes, AreNotReissuedWhereNobodyGetsThem) {
  come_up(RescueRequest{});
  ASSERT_EQ(as_agent("POST", "/v1/agent/heartbeat", {{"phase", "serving"}}).status, 200U);
  const auto refused = as_admin("POST", "/v1/servers/web-01/rescue/reissue");
  EXPECT_EQ(refused.status, 409U);
  EXPECT_NE(refused.body.find("nobody would get"), std::string::npos) << refused.body;
}

/// New credentials on demand of a panel.
class Reissue : public AgentLinkRoutes {
protected:
  http::Response reissue(const std::string& token) { return ask(token, "POST", "/v1/servers/web-01/rescue/reissue"); }
};

TEST_F(Reissue, RevokesTheLinkAtOnceAndBeginsATask) {
  come_up(with_code());
  report();
  const SealedByMaker made;
  const auto id = keep(body(made));
  const auto response = reissue(token("panel-eu", Role::panel));
  ASSERT_EQ(response.status, 202U) << response.body;
  EXPECT_EQ(body_of(response)["kind"], "reissue");
  EXPECT_EQ(shown(id)["state"], "revoked");
  EXPECT_EQ(shown(id)["revoked_by"], "panel-eu");
  EXPECT_EQ(reissue(admin_).status, 409U) << "one at a time";
}

TEST_F(Reissue, NeedsAPanelAndASessionThatServes) {
  EXPECT_EQ(reissue(admin_).status, 409U) << "there is no rescue";
  come_up(with_code());
  EXPECT_EQ(reissue(token("ops", Role::operating)).status, 403U);
  EXPECT_EQ(reissue(admin_).status, 409U) << "it does not serve yet";
  report();
  clock_.advance(std::chrono::minutes(2));
  const auto silent = reissue(admin_);
  EXPECT_EQ(silent.status, 409U);
  EXPECT_NE(silent.body.find("is silent"), std::string::npos) << silent.body;
  report({{"phase", "finishing"}});
  EXPECT_EQ(reissue(admin_).status, 409U);
}

TEST_F(Reissue, CommandIsRepeatedUntilItsOutcomeComes) {
  come_up(with_code());
  report();
  Sessions(store(), {}).command(session_, {7, "rotate", "", ""});
  for (int i = 0; i < 2; ++i) {
    report();
    EXPECT_EQ(command_["kind"], "rotate");
    EXPECT_EQ(command_["id"], 7);
  }
  report({{"command", {{"id", 6}}}});
  EXPECT_FALSE(command_.is_null()) << "another command's outcome";
  report({{"command", {{"id", 7}, {"failure", {{"code", "timeout"}, {"message", "m"}, {"hint", "h"}}}}}});
  EXPECT_TRUE(command_.is_null());
  EXPECT_EQ(as_agent("POST", "/v1/agent/heartbeat", {{"phase", "serving"}, {"command", {{"id", "x"}}}}).status, 400U);
}

}  // namespace
}  // namespace rescue::netboot::api
