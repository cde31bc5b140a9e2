// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "host_agent_world.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::tests {
namespace {

using domain::Phase;
using ::testing::HasSubstr;

ports::Command rotation(std::uint64_t id) { return {id, contract::AgentCommand::rotate, {}}; }

/// rescued that is asked for a one-time link.
class LinkOfHostAgent : public HostAgentWorld {
protected:
  void want_link(const std::string& code, bool send, bool with_panel = true) {
    auto& request = *channel_.redemption.request;
    if (with_panel) request.requester_public_key = base64_of(panel_.public_key);
    request.link = domain::LinkRequest{url, code, send};
  }
  /// Link and code as the panel gets them.
  [[nodiscard]] nlohmann::json seen_by_panel(const ports::OneTimeLink& link) const {
    return nlohmann::json::parse(open_sealed(link.sealed_for_panel, panel_.secret_key).reveal());
  }
  /// The text behind the link, opened like its page does.
  static nlohmann::json opened(const ports::OneTimeLink& link, const Secret& key, const Secret* code) {
    EXPECT_TRUE(credentials::is_proven(credentials::proof_of_link(link.name, key), link.link_verifier));
    EXPECT_EQ(link.sealed.needs_code(), code != nullptr);
    EXPECT_EQ(link.verifier.empty(), code == nullptr);
    if (code != nullptr) {
      EXPECT_TRUE(credentials::is_proven(credentials::proof_of_code(link.name, key, *code), link.verifier));
    }
    const auto text = credentials::open(link.sealed, link.name, key, code);
    return text ? nlohmann::json::parse(text->reveal()) : nlohmann::json();
  }
  [[nodiscard]] nlohmann::json opened_by_panel(const ports::OneTimeLink& link) const {
    const auto seen = seen_by_panel(link);
    const auto whole = seen.at("link").get<std::string>();
    const auto start = std::string(url) + "/s/" + link.name + "#";
    EXPECT_EQ(whole.substr(0, start.size()), start);
    const Secret key{std::string_view(whole).substr(start.size())};
    if (seen.at("code").is_null()) return opened(link, key, nullptr);
    const Secret code{std::string_view(seen.at("code").get_ref<const std::string&>())};
    return opened(link, key, &code);
  }
  [[nodiscard]] bool logs_in(const nlohmann::json& text) const {
    return world_.agent.accepts(SessionWorld::guest(), text.at("user").get<std::string>(),
                                text.at("password").get<std::string>());
  }
  [[nodiscard]] bool wait_for_outcome(std::uint64_t id) {
    return channel_.wait_until(
        [&](const auto& heard) { return !heard.empty() && heard.back().command && heard.back().command->id == id; });
  }

  static constexpr auto url = "https://rescue.example";
  BoxKeys panel_ = make_box_keys();
};

TEST_F(LinkOfHostAgent, OpensWithTheCodeThatOnlyThePanelGets) {
  want_link("panel", true);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  const auto links = channel_.links();
  ASSERT_EQ(links.size(), 1U);
  const auto& link = links.front();
  EXPECT_FALSE(link.code) << "the control plane never has it";
  ASSERT_TRUE(link.key) << "to send the link";
  EXPECT_EQ(seen_by_panel(link).at("link"),
            std::string(url) + "/s/" + link.name + "#" + std::string(link.key->reveal()));
  const auto text = opened_by_panel(link);
  EXPECT_TRUE(logs_in(text));
  EXPECT_EQ(text.at("format"), 1);
  EXPECT_EQ(text.at("session"), "s-1");
  EXPECT_EQ(text.at("addresses"), nlohmann::json::array({"203.0.113.10"}));
  EXPECT_EQ(service_->status().record.announced->to,
            "the requester, by the control plane and the customer, by a one-time link");
}

TEST_F(LinkOfHostAgent, KeepsItsKeyWhereTheControlPlaneSendsNothing) {
  want_link("panel", false);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  const auto links = channel_.links();
  ASSERT_EQ(links.size(), 1U);
  EXPECT_FALSE(links.front().key);
  EXPECT_TRUE(logs_in(opened_by_panel(links.front())));
}

TEST_F(LinkOfHostAgent, HasNoCodeWhereThePolicyIsNone) {
  want_link("none", true, false);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  const auto links = channel_.links();
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links.front().sealed_for_panel, "") << "there is no panel with a key";
  EXPECT_TRUE(logs_in(opened(links.front(), links.front().key.value(), nullptr)));
  EXPECT_TRUE(channel_.sealed().empty());
}

TEST_F(LinkOfHostAgent, HandsTheCodeOverWhereThePolicyIsWebhook) {
  want_link("webhook", true, false);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  const auto links = channel_.links();
  ASSERT_EQ(links.size(), 1U);
  ASSERT_TRUE(links.front().code);
  EXPECT_TRUE(logs_in(opened(links.front(), links.front().key.value(), &*links.front().code)));
}

TEST_F(LinkOfHostAgent, IsReplacedByThatOfANewPassword) {
  want_link("panel", true);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  const auto rotated = service_->rotate_credentials();
  const auto links = channel_.links();
  ASSERT_EQ(links.size(), 2U);
  EXPECT_NE(links[0].name, links[1].name);
  EXPECT_EQ(opened_by_panel(links[1]).at("password"), rotated.reveal());
  EXPECT_FALSE(logs_in(opened_by_panel(links[0]))) << "the old password no longer works";
}

TEST_F(LinkOfHostAgent, IsRetriedWhileTheControlPlaneIsAwayAndReportedLate) {
  want_link("panel", true);
  world_.settings.deadlines.announcement = Milliseconds(50);
  for (int times = 0; times < 8; ++times) channel_.link_failures.emplace_back(ErrorCode::unavailable, "away");
  boot();
  const auto late = wait([](const auto& view) {
    return view.record.announced && view.record.announced->to.find("one-time link") != std::string::npos;
  });
  EXPECT_TRUE(late.record.warnings.empty());
  EXPECT_EQ(channel_.links().size(), 1U);
  EXPECT_EQ(channel_.sealed().size(), 1U) << "what was delivered is not posted again";
}

TEST_F(LinkOfHostAgent, WarnsWhenItIsRefusedAndDeliversTheRest) {
  want_link("panel", true);
  channel_.link_failures.emplace_back(ErrorCode::precondition, "links.url is not set");
  boot();
  const auto serving = wait([](const auto& view) { return view.record.phase == Phase::serving; });
  ASSERT_EQ(serving.record.warnings.size(), 1U);
  EXPECT_THAT(serving.record.warnings.front().text, HasSubstr("refuses the one-time link: links.url is not set"));
  EXPECT_EQ(serving.record.announced->to, "the requester, by the control plane");
  EXPECT_TRUE(channel_.links().empty());
}

TEST_F(LinkOfHostAgent, IsMadeOfANewPasswordOnCommandOncePerId) {
  want_link("panel", true);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  const auto before = opened_by_panel(channel_.links().front());
  channel_.change([](auto& channel) {
    channel.command = rotation(7);
    channel.repeats_done_commands = true;
  });
  ASSERT_TRUE(wait_for_outcome(7));
  EXPECT_FALSE(channel_.heard().back().command->failure);
  ASSERT_EQ(channel_.links().size(), 2U);
  EXPECT_FALSE(logs_in(before));
  EXPECT_TRUE(logs_in(opened_by_panel(channel_.links().back())));
  EXPECT_EQ(world_.probe.ssh_calls, 2) << "proven first";

  end_process();
  const auto heard = channel_.heard().size();
  boot();
  ASSERT_TRUE(channel_.wait_until([&](const auto& words) { return words.size() > heard + 5; }));
  EXPECT_EQ(channel_.links().size(), 2U) << "also after a restart of rescued";
  channel_.change([](auto& channel) { channel.command = rotation(8); });
  ASSERT_TRUE(wait_for_outcome(8));
  EXPECT_EQ(channel_.links().size(), 3U);
}

TEST_F(LinkOfHostAgent, ReportsWhyACommandForANewPasswordFailed) {
  want_link("panel", true);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  world_.probe.accepts = [](const auto&, const auto&) { return false; };
  channel_.change([](auto& channel) { channel.command = rotation(7); });
  ASSERT_TRUE(wait_for_outcome(7));
  const auto failure = channel_.heard().back().command->failure;
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::access_unproven);
  EXPECT_THAT(failure->message, HasSubstr("the new password is set, and could not be proven"));
  EXPECT_THAT(failure->hint, HasSubstr("rotate again"));
  EXPECT_EQ(channel_.links().size(), 1U);
}

TEST_F(LinkOfHostAgent, FailsTheCommandWhenTheNewLinkIsRefused) {
  want_link("panel", true);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  channel_.change([](auto& channel) {
    channel.link_failures.emplace_back(ErrorCode::conflict, "100 secrets were made today");
    channel.command = rotation(7);
  });
  ASSERT_TRUE(wait_for_outcome(7));
  const auto failure = channel_.heard().back().command->failure;
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, HasSubstr("100 secrets were made today"));
}

TEST_F(LinkOfHostAgent, IsNotInTheJournal) {
  want_link("webhook", true);
  boot();
  ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  const auto links = channel_.links();
  ASSERT_EQ(links.size(), 1U);
  (void)wait([](const auto& view) { return !view.busy; });
  const auto password = opened(links.front(), links.front().key.value(), &*links.front().code).at("password");
  const auto& journal = world_.journal.content.value();
  EXPECT_THAT(journal, HasSubstr(url)) << "the request is";
  for (const auto& secret : {std::string(links.front().key->reveal()), std::string(links.front().code->reveal()),
                             password.get<std::string>()}) {
    EXPECT_EQ(journal.find(secret), std::string::npos);
  }
}

}  // namespace
}  // namespace rescue::tests
