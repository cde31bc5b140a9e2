// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Both ends of docs/host-agent.md: rescued's real host agent with a running netbootd. The server is in memory.
#include "core/base64.hpp"
#include "core/log.hpp"
#include "core/sealed_box.hpp"
#include "host_agent_and_netbootd.hpp"
#include "tests/doubles/thrown.hpp"

namespace rescue::tests {
namespace {

using domain::Phase;
using nlohmann::json;
using ::testing::HasSubstr;

TEST_F(HostAgentAndNetbootd, GoFromTheRequestToTheDisk) {
  const auto keys = make_box_keys();
  request_rescue({{"public_key", base64_of(keys.public_key)}, {"then", "poweroff"}});
  boot_into_rescue();
  start_rescued();
  wait([](const auto& view) { return view.record.phase == Phase::serving && view.record.announced; });
  EXPECT_EQ(service_->status().record.announced->to, "the requester, by the control plane");
  const auto read = as_admin("POST", "/v1/servers/web-01/rescue/credentials", "{}");
  ASSERT_EQ(read.status, 200U) << read.body;
  const auto sealed = bytes_of_base64(json::parse(read.body).at("sealed").get<std::string>());
  ASSERT_TRUE(sealed);
  const auto opened = open_sealed(*sealed, keys.secret_key);
  EXPECT_TRUE(world_.agent.accepts(SessionWorld::guest(), "Administrator",
                                   json::parse(opened.reveal()).at("password").get<std::string>()));

  ASSERT_LT(as_admin("DELETE", "/v1/servers/web-01/rescue").status, 300U);
  wait([](const auto& view) { return !view.busy && view.record.phase == Phase::finished; });
  EXPECT_EQ(world_.host.endings.size(), 1U);
  world_.boot.current = "disk";
  EXPECT_EQ(world_.left_behind(), "");
  EXPECT_EQ(json::parse(as_admin("GET", "/v1/servers/web-01/boot-mode").body).at("mode"), "disk");
  EXPECT_THAT(boot(), HasSubstr("exit"));
}

TEST_F(HostAgentAndNetbootd, AgreeOnATokenThatSomebodyElseUsed) {
  request_rescue(json::object());
  boot_into_rescue();
  const auto stolen = json::parse(read_file(paths().boot_folder + "/control-plane.json")).at("boot_token");
  ASSERT_EQ(redeem(stolen, "the thief's").status, 201U);
  start_rescued();
  wait([](const auto& view) { return view.control_plane.state == control::ControlPlaneState::refused; });
  EXPECT_EQ(service_->status().record.phase, Phase::idle);
  EXPECT_EQ(world_.hypervisor.start_calls, 0);
}

TEST_F(HostAgentAndNetbootd, RedeemTwiceAtNoCost) {
  request_rescue(json::object());
  boot_into_rescue();
  boot::NetbootAgent first(hand_over(), client());
  const auto kept = read_file(paths().boot_folder + "/control-plane.json");
  const auto session = first.redeem({}).session;
  // The answer was lost: no file was written.
  write_file_atomically(paths().boot_folder + "/control-plane.json", kept, 0600);
  remove_file_durably(paths().runtime_folder + "/agent.json");
  EXPECT_EQ(boot::NetbootAgent(hand_over(), client()).redeem({}).session, session);
}

/// A rescue with a one-time link, from netbootctl to the customer.
class LinkOfARescue : public HostAgentAndNetbootd {
protected:
  void SetUp() override {
    HostAgentAndNetbootd::SetUp();
    log::set_up("rescued", log::Level::debug);
    ::testing::internal::CaptureStderr();  // of this process and of netbootd
    restart_with("  heartbeat_interval: 100ms\n", "links: {url: '" + url() + "'}\nsecrets: {key_file: '" +
                                                      in_folder("secrets.key") + "'}\nlog: {level: debug}\n");
  }
  void TearDown() override {
    HostAgentAndNetbootd::TearDown();
    if (!is_read_) (void)::testing::internal::GetCapturedStderr();
  }
  /// Link and code, as the panel reads them.
  [[nodiscard]] std::pair<std::string, std::string> seen_by_panel() const {
    const auto answer = netbootctl({"rescue", "code", "web-01", "--key", key()});
    EXPECT_EQ(answer.status, 0) << answer.err;
    const auto end_of_link = answer.out.find('\n');
    if (end_of_link == std::string::npos) return {};
    const auto end_of_code = answer.out.find('\n', end_of_link + 1);
    return {answer.out.substr(0, end_of_link), answer.out.substr(end_of_link + 1, end_of_code - end_of_link - 1)};
  }
  /// Link and code go by standard input: they are in no argument vector, which logs show.
  [[nodiscard]] Completed opened(const std::string& link, const std::string& code) const {
    return netbootctl({"secret", "open", "-"}, {}, link + "\n" + (code.empty() ? "" : code + "\n"));
  }
  [[nodiscard]] json secrets() const {
    return json::parse(netbootctl({"secret", "list", "web-01", "--json"}).out)["secrets"];
  }
  [[nodiscard]] bool logs_in(const json& text) const {
    return world_.agent.accepts(SessionWorld::guest(), text.at("user").get<std::string>(),
                                text.at("password").get<std::string>());
  }
  /// All that netbootd and rescued have written, after netbootd has ended.
  [[nodiscard]] std::string everything_written() {
    is_read_ = true;
    auto all = ::testing::internal::GetCapturedStderr() + world_.journal.content.value_or("");
    for (const auto* const name : {"db.sqlite", "db.sqlite-wal", "run/agent.json", "netbootd.yaml"}) {
      all += read_file_if_exists(in_folder(name)).value_or("");
    }
    return all;
  }

private:
  bool is_read_ = false;
};

TEST_F(LinkOfARescue, IsOpenedByACustomerWithTheCodeOfThePanel) {
  serve({"--generate-key", key(), "--notify", "me@example.org", "--language", "de"});
  EXPECT_EQ(service_->status().record.announced->to,
            "the requester, by the control plane and the customer, by a one-time link");
  ASSERT_EQ(secrets().size(), 1U);
  EXPECT_EQ(secrets()[0]["sending"], "no-receiver") << "this netbootd sends no mail";
  const auto [link, code] = seen_by_panel();
  EXPECT_THAT(link, HasSubstr(url() + "/s/"));
  const auto first = opened(link, code);
  ASSERT_EQ(first.status, 0) << first.err;
  const auto text = json::parse(first.out);
  EXPECT_TRUE(logs_in(text)) << first.out;
  EXPECT_EQ(text["server"], world_.settings.server_name);
  EXPECT_EQ(text["format"], 1);
  const auto second = opened(link, code);
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("the secret was revealed at "));
  EXPECT_EQ(netbootctl({"rescue", "code", "web-01", "--key", key()}).status, 1) << "it is wiped";
}

TEST_F(LinkOfARescue, IsReissuedWithANewPassword) {
  serve({"--generate-key", key(), "--notify", "me@example.org"});
  const auto [old_link, old_code] = seen_by_panel();
  const auto reissued = netbootctl({"rescue", "reissue", "web-01", "--wait"});
  ASSERT_EQ(reissued.status, 0) << reissued.err;
  EXPECT_THAT(reissued.out, HasSubstr("succeeded"));
  const auto old = opened(old_link, old_code);
  EXPECT_EQ(old.status, 1);
  EXPECT_THAT(old.err, HasSubstr("the link was revoked"));
  const auto [link, code] = seen_by_panel();
  EXPECT_NE(link, old_link);
  const auto answer = opened(link, code);
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_TRUE(logs_in(json::parse(answer.out)));
}

TEST_F(LinkOfARescue, IsNotReissuedWithAPasswordThatIsNotProven) {
  serve({"--generate-key", key(), "--notify", "me@example.org"});
  world_.probe.accepts = [](const auto&, const auto&) { return false; };
  const auto failed = netbootctl({"rescue", "reissue", "web-01", "--wait"});
  EXPECT_NE(failed.status, 0);
  EXPECT_THAT(failed.err, HasSubstr("the new password is set, and could not be proven"));
  EXPECT_THAT(failed.err, HasSubstr("then rotate again"));
  EXPECT_EQ(secrets()[0]["state"], "revoked");
}

TEST_F(LinkOfARescue, LeavesNoSecretBehind) {
  serve({"--generate-key", key(), "--notify", "me@example.org"});
  const auto [link, code] = seen_by_panel();
  const auto answer = opened(link, code);
  ASSERT_EQ(answer.status, 0) << answer.err;
  const auto password = json::parse(answer.out)["password"].get<std::string>();
  EXPECT_EQ(stop(), 0);
  const auto all = everything_written();
  EXPECT_THAT(all, HasSubstr("revealed to 127.0.0.1")) << "netbootd's log is there";
  EXPECT_THAT(all, HasSubstr("the control plane has the one-time link")) << "and rescued's";
  EXPECT_THAT(all, HasSubstr("me@example.org")) << "and the database";
  const auto plain = credentials::normalised_code(code).value();
  for (const auto& secret : {password, link.substr(link.find('#') + 1), code, std::string(plain.reveal())}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace rescue::tests
