// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "host_agent_world.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::tests {
namespace {

using contract::AgentCommand;
using domain::Phase;
using ::testing::HasSubstr;
using ::testing::Not;
using Beats = std::vector<FakeAgentChannel::Heard>;

ports::Command opening(std::uint64_t id, const domain::TicketOrder& order = {}) {
  return {id, AgentCommand::open_ticket, {}, order};
}
ports::Command ending(std::uint64_t id) { return {id, AgentCommand::end_ticket}; }

/// rescued whose control plane orders a helpdesk's ticket.
class TicketOfHostAgent : public HostAgentWorld {
protected:
  void serve(bool with_key = true) {
    if (with_key) channel_.redemption.request->requester_public_key = base64_of(panel_.public_key);
    boot();
    ASSERT_TRUE(channel_.wait_for_phase(Phase::serving));
  }
  /// Sends the command; returns its outcome.
  domain::CommandOutcome outcome_of(const ports::Command& command) {
    channel_.change([&](auto& channel) { channel.command = command; });
    EXPECT_TRUE(channel_.wait_until([&](const Beats& heard) {
      return !heard.empty() && heard.back().command && heard.back().command->id == command.id;
    }));
    return channel_.heard().back().command.value_or(domain::CommandOutcome{});
  }
  /// Waits for a heartbeat whose ticket `wish` accepts.
  template <class Wish>
  [[nodiscard]] bool hears_ticket(Wish wish) {
    return channel_.wait_until(
        [&](const Beats& heard) { return !heard.empty() && heard.back().ticket && wish(*heard.back().ticket); });
  }
  [[nodiscard]] domain::TicketReport ticket() const { return channel_.heard().back().ticket.value(); }
  [[nodiscard]] bool hears_more(std::size_t beats) {
    const auto so_far = channel_.heard().size();
    return channel_.wait_until([&](const Beats& heard) { return heard.size() > so_far + beats; });
  }

  BoxKeys panel_ = make_box_keys();
};

TEST_F(TicketOfHostAgent, HasItsNumberSealedToTheRequester) {
  serve();
  EXPECT_FALSE(channel_.heard().back().ticket) << "none was opened";
  const auto outcome = outcome_of(opening(7, {false, domain::TicketRole::view, std::uint16_t{21400}}));
  EXPECT_FALSE(outcome.failure);
  EXPECT_FALSE(desk_->last_order.ask_customer);
  EXPECT_EQ(desk_->last_order.role, domain::TicketRole::view);
  const auto report = ticket();
  EXPECT_TRUE(report.view.open);
  const auto text = open_sealed(report.sealed, panel_.secret_key);
  EXPECT_EQ(nlohmann::json::parse(text.reveal()),
            (nlohmann::json{{"ticket", FakeTicketDesk::ticket}, {"addresses", {"203.0.113.10"}}, {"port", 21400}}));
  EXPECT_THAT(report.sealed, Not(HasSubstr(FakeTicketDesk::ticket)));
}

TEST_F(TicketOfHostAgent, AsksTheCustomerAndReportsWhoIsIn) {
  serve();
  (void)outcome_of(opening(7));
  EXPECT_TRUE(desk_->last_order.ask_customer);
  desk_->knock(3, "198.51.100.9");
  EXPECT_TRUE(hears_ticket([](const auto& report) {
    return report.view.asking && report.view.asking->address == "198.51.100.9" && !report.sealed.empty();
  }));
  tickets_->answer({}, true);
  EXPECT_TRUE(hears_ticket([](const auto& report) { return report.view.connected.size() == 1; }));
}

TEST_F(TicketOfHostAgent, IsNotOpenedWithoutAKeyOfTheRequester) {
  serve(false);
  const auto failure = outcome_of(opening(7)).failure.value();
  EXPECT_EQ(failure.code, ErrorCode::precondition);
  EXPECT_THAT(failure.hint, HasSubstr("rescuectl ticket open"));
  EXPECT_EQ(desk_->openings, 0);
}

TEST_F(TicketOfHostAgent, ReportsWhyItCantBeOpenedAndServesOn) {
  serve();
  const auto failure = outcome_of(opening(7, {true, {}, std::uint16_t{3389}})).failure.value();
  EXPECT_EQ(failure.code, ErrorCode::usage);
  EXPECT_THAT(failure.hint, HasSubstr("21248 to 21503"));
  EXPECT_EQ(channel_.heard().back().phase, Phase::serving);
  EXPECT_FALSE(outcome_of(opening(8)).failure);
  EXPECT_EQ(outcome_of(opening(9)).failure.value().code, ErrorCode::conflict) << "one is open";
}

TEST_F(TicketOfHostAgent, KeepsTheNumberOfATicketThatTheHostOpens) {
  serve();
  (void)outcome_of(opening(7));
  tickets_->end();
  EXPECT_TRUE(hears_ticket([](const auto& report) { return !report.view.open && report.sealed.empty(); }));
  tickets_->open({});
  EXPECT_TRUE(hears_ticket([](const auto& report) { return report.view.open; }));
  EXPECT_EQ(ticket().sealed, "") << "the sealed number is of the ticket before";
}

TEST_F(TicketOfHostAgent, EndsOnCommand) {
  serve();
  (void)outcome_of(opening(7));
  EXPECT_FALSE(outcome_of(ending(8)).failure);
  EXPECT_FALSE(ticket().view.open);
  EXPECT_EQ(ticket().view.closed_because, "ended by the control plane");
  EXPECT_FALSE(outcome_of(ending(9)).failure) << "it is as ordered already";
}

TEST_F(TicketOfHostAgent, IsOpenedOnceForACommand) {
  serve();
  channel_.change([](auto& channel) { channel.repeats_done_commands = true; });
  (void)outcome_of(opening(7));
  tickets_->end();
  EXPECT_TRUE(hears_more(5));
  EXPECT_EQ(desk_->openings, 1);
}

TEST_F(TicketOfHostAgent, IsOpenedAgainByACommandThatIsRepeatedAfterARestart) {
  serve();
  channel_.change([](auto& channel) { channel.repeats_done_commands = true; });
  (void)outcome_of(opening(7));
  end_process();
  boot();
  EXPECT_TRUE(hears_ticket([this](const auto& report) {
    return report.view.open && desk_->openings == 1 && !report.sealed.empty();
  })) << "the ticket has ended with the process";
}

TEST_F(TicketOfHostAgent, IsReportedAsEndedWithTheSession) {
  serve();
  (void)outcome_of(opening(7));
  service_->finish(domain::Ending::stay);
  EXPECT_TRUE(hears_ticket([](const auto& report) { return !report.view.open && report.sealed.empty(); }));
  wait_until_over();
}

}  // namespace
}  // namespace rescue::tests
