// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/sessions.hpp"
#include "tests/unit/netboot/stored.hpp"

namespace rescue::netboot {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto registered_address = "203.0.113.7";
const std::string agent_hash = hash_of("agent");

class AgentSessions : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    auto server = server_named("web-01");
    server.address = registered_address;
    servers().add(server);
  }
  void arm(LeasePolicy policy = LeasePolicy::until_finished, const std::string& key = "a key") {
    auto request = rescue_for(hours(4), policy);
    request.rescue.public_key = key;
    request.rescue.on_shutdown = "finish";
    (void)leases().grant(web_, request);
  }
  BootToken mint(const std::string& peer = registered_address) {
    return sessions().mint(MacAddress::parse("52-54-00-00-00-01"), peer);
  }
  Redeemed redeem(const BootToken& token, const std::string& hash = agent_hash) {
    return sessions().redeem(token.token.reveal(), hash);
  }
  /// Arms and boots the server and redeems its boot token.
  std::string session() {
    arm();
    (void)boot();
    return redeem(mint()).session.id;
  }
  LeaseState lease_state() { return state_of(servers().state(web_).lease.value(), store().limits(), clock_.wall()); }
  Sessions sessions() { return {store(), AgentRules{}}; }
};

TEST_F(AgentSessions, GiveATokenToAServerThatWasJustBooted) {
  arm();
  EXPECT_EQ(code_of([&] { (void)mint(); }), ErrorCode::conflict) << "armed, and not booted";
  (void)boot();
  EXPECT_TRUE(mint().token.reveal().starts_with("rescue_"));
  clock_.advance(minutes(10) + Milliseconds(1));
  EXPECT_EQ(code_of([&] { (void)mint(); }), ErrorCode::conflict) << "booted too long ago";
}

TEST_F(AgentSessions, GiveATokenForTheOnlyBootOfPolicyOnce) {
  arm(LeasePolicy::once);
  (void)boot();
  EXPECT_NO_THROW((void)mint());
}

TEST_F(AgentSessions, GiveATokenToNobodyElse) {
  EXPECT_EQ(code_of([&] { (void)mint(); }), ErrorCode::conflict) << "no lease";
  arm();
  (void)boot();
  EXPECT_EQ(code_of([&] { (void)mint("203.0.113.8"); }), ErrorCode::denied);
  EXPECT_EQ(code_of([&] { (void)sessions().mint(MacAddress::parse("52:54:00:00:00:99"), registered_address); }),
            ErrorCode::not_found);
  servers().add(server_named("db-01", "52:54:00:00:00:02"));
  EXPECT_EQ(code_of([&] { (void)sessions().mint(MacAddress::parse("52:54:00:00:00:02"), registered_address); }),
            ErrorCode::conflict)
      << "no address is registered";
  (void)leases().end(web_, "admin");
  EXPECT_EQ(code_of([&] { (void)mint(); }), ErrorCode::conflict);
}

TEST_F(AgentSessions, GiveNoTokenWhileAHostAgentIsAlive) {
  const auto id = session();
  EXPECT_EQ(code_of([&] { (void)mint(); }), ErrorCode::conflict) << "the guest has the same address";
  clock_.advance(seconds(20));
  EXPECT_EQ(code_of([&] { (void)mint(); }), ErrorCode::conflict);
  clock_.advance(Milliseconds(1));
  EXPECT_NO_THROW((void)mint()) << "power was cut: the server is back";
}

TEST_F(AgentSessions, BeginWithARedeemedToken) {
  arm();
  (void)boot();
  const auto redeemed = redeem(mint());
  EXPECT_TRUE(redeemed.session.id.starts_with("s-"));
  EXPECT_EQ(redeemed.request.on_shutdown, "finish");
  EXPECT_EQ(redeemed.request.public_key, "a key");
  EXPECT_EQ(redeemed.reason, "a test");
  const auto caller = tokens().recognise("agent").caller.value();
  EXPECT_EQ(caller.session, redeemed.session.id);
  EXPECT_EQ(caller.server->text(), "web-01");
}

TEST_F(AgentSessions, AnswerARepeatedRedemptionTheSameWay) {
  arm();
  (void)boot();
  const auto token = mint();
  const auto first = redeem(token);
  clock_.advance(minutes(11));
  EXPECT_EQ(redeem(token).session.id, first.session.id) << "the answer was lost, and then some";
}

TEST_F(AgentSessions, EndWhenABootTokenIsUsedByTwo) {
  arm();
  (void)boot();
  const auto token = mint();
  const auto other_token = mint();
  const auto id = redeem(token).session.id;
  EXPECT_EQ(code_of([&] { (void)redeem(other_token, hash_of("thief")); }), ErrorCode::conflict);
  EXPECT_EQ(sessions().find(id)->revoked, "boot-token-reused");
  EXPECT_FALSE(tokens().recognise("agent").caller);
  EXPECT_FALSE(tokens().recognise("thief").caller);
  EXPECT_FALSE(servers().state(web_).lease) << "the lease has ended";
  EXPECT_EQ(code_of([&] { (void)redeem(token); }), ErrorCode::denied);
}

TEST_F(AgentSessions, DoNotBeginWithAnythingElse) {
  arm();
  (void)boot();
  const auto token = mint();
  EXPECT_EQ(code_of([&] { (void)sessions().redeem("rescue_forged", agent_hash); }), ErrorCode::not_found);
  clock_.advance(minutes(10) + Milliseconds(1));
  EXPECT_EQ(code_of([&] { (void)redeem(token); }), ErrorCode::denied) << "expired";
  (void)boot();
  const auto late = mint();
  (void)leases().end(web_, "admin");
  EXPECT_EQ(code_of([&] { (void)redeem(late); }), ErrorCode::denied) << "the lease has ended";
}

TEST_F(AgentSessions, AreSupersededByTheNextBoot) {
  const auto first = session();
  clock_.advance(minutes(1));
  (void)boot();
  const auto second = redeem(mint(), hash_of("next agent")).session;
  EXPECT_EQ(second.boot, 2U);
  EXPECT_EQ(sessions().find(first)->revoked, "superseded");
  EXPECT_FALSE(tokens().recognise("agent").caller);
  EXPECT_EQ(sessions().current(web_)->id, second.id);
}

TEST_F(AgentSessions, KeepTheirLeaseAliveByWhatTheySay) {
  const auto id = session();
  for (int i = 0; i < 4; ++i) {
    clock_.advance(minutes(14));
    (void)sessions().report(id, {"serving", "{}", ""});
    EXPECT_EQ(lease_state(), LeaseState::active);
  }
  clock_.advance(minutes(16));
  EXPECT_EQ(lease_state(), LeaseState::unheard);
  (void)sessions().report(id, {"serving", "{}", ""});
  EXPECT_EQ(lease_state(), LeaseState::unheard) << "what has ended stays ended";
}

TEST_F(AgentSessions, RepeatACommandUntilItIsCarriedOut) {
  const auto id = session();
  sessions().command(id, {7, "finish", "reboot"});
  EXPECT_EQ(sessions().report(id, {"serving", "{}", ""}).session.command.value().changes, "");
  sessions().command(id, {7, "finish", "reboot", "discard"});
  EXPECT_EQ(sessions().report(id, {"serving", "{}", ""}).session.command.value().changes, "discard");
  EXPECT_EQ(sessions().report(id, {"serving", "{}", ""}).session.command.value().id, 7);
  EXPECT_EQ(sessions().report(id, {"serving", "{}", ""}).session.command.value().then, "reboot");
  EXPECT_FALSE(sessions().report(id, {"finishing", "{}", ""}).session.command);
}

TEST_F(AgentSessions, EndWithTheirLastWord) {
  const auto id = session();
  EXPECT_TRUE(sessions().report(id, {"finished", "{}", ""}).session.ended);
  EXPECT_FALSE(is_alive(*sessions().find(id), AgentRules{}, clock_.wall()));
  EXPECT_NO_THROW((void)sessions().report(id, {"finished", "{}", ""})) << "its answer was lost";
}

TEST_F(AgentSessions, HandOutCredentialsOnce) {
  const auto id = session();
  EXPECT_EQ(code_of([&] { (void)sessions().take_credentials(id); }), ErrorCode::not_found);
  sessions().keep_credentials(id, {"c2VhbGVk", R"({"user":"Administrator"})"});
  EXPECT_EQ(delivery_of(*sessions().find(id)), Delivery::available);
  const auto taken = sessions().take_credentials(id).value();
  EXPECT_EQ(taken.sealed, "c2VhbGVk");
  EXPECT_EQ(taken.connection, R"({"user":"Administrator"})");
  EXPECT_EQ(delivery_of(*sessions().find(id)), Delivery::read);
  EXPECT_FALSE(sessions().take_credentials(id));
  sessions().keep_credentials(id, {"cm90YXRlZA==", ""});
  EXPECT_EQ(sessions().take_credentials(id).value().sealed, "cm90YXRlZA==") << "rotated";
}

TEST_F(AgentSessions, TakeNoCredentialsThatNobodyCouldOpen) {
  arm(LeasePolicy::until_finished, "");
  (void)boot();
  const auto id = redeem(mint()).session.id;
  EXPECT_EQ(code_of([&] { sessions().keep_credentials(id, {"c2VhbGVk", ""}); }), ErrorCode::conflict);
}

TEST_F(AgentSessions, EndTheirOwnLeaseOnly) {
  const auto id = session();
  const auto lease = sessions().find(id)->lease;
  arm();
  EXPECT_EQ(leases().end_lease(web_, lease, "agent of web-01").mode, BootMode::rescue_windows) << "of the next rescue";
  (void)boot();
  EXPECT_FALSE(sessions().current(web_)) << "the new lease has no session yet";
}

TEST_F(AgentSessions, GoWithTheirServer) {
  const auto id = session();
  (void)leases().end(web_, "admin");
  servers().remove(web_);
  EXPECT_FALSE(sessions().find(id));
  EXPECT_FALSE(tokens().recognise("agent").caller);
}

}  // namespace
}  // namespace rescue::netboot
