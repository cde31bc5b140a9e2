// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/ticket.hpp"
#include "credentials/ticket_messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace rescue::tests {
namespace {

using credentials::Bytes;
using credentials::HostFarewell;
using credentials::HostMessage;
using credentials::HostRefusal;
using credentials::HostWelcome;
using credentials::TicketFault;
using credentials::TicketKey;
using credentials::TicketRole;
using credentials::TicketSide;
using credentials::ViewerHello;

std::string new_ticket() { return std::string(credentials::make_ticket().reveal()); }
TicketFault fault_of_ticket(std::string_view text) { return credentials::parse_ticket(text).fault; }

TEST(Ticket, IsFourGroupsOfDigitsEachTimeOthers) {
  std::set<std::string> seen;
  for (int round = 0; round < 200; ++round) {
    const auto ticket = new_ticket();
    EXPECT_THAT(ticket, ::testing::MatchesRegex("[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{4}"));
    EXPECT_EQ(fault_of_ticket(ticket), TicketFault::none) << ticket;
    EXPECT_TRUE(seen.insert(ticket).second) << "the same number twice in 200";
  }
}

TEST(Ticket, IsReadAsPeopleWriteIt) {
  const auto ticket = new_ticket();
  auto plain = ticket;
  std::erase(plain, '-');
  auto blanks = ticket;
  std::replace(blanks.begin(), blanks.end(), '-', ' ');
  for (const auto& text : {ticket, plain, blanks, " " + ticket + " "}) {
    EXPECT_EQ(credentials::parse_ticket(text).number.reveal(), ticket) << text;
  }
}

TEST(Ticket, ShowsEveryWrongDigitAndEverySwapOfNeighbours) {
  const auto ticket = new_ticket();
  for (std::size_t place = 0; place < ticket.size(); ++place) {
    if (ticket[place] == '-') continue;
    for (char digit = '0'; digit <= '9'; ++digit) {
      auto wrong = ticket;
      wrong[place] = digit;
      EXPECT_EQ(fault_of_ticket(wrong), digit == ticket[place] ? TicketFault::none : TicketFault::wrong_digit) << wrong;
    }
    if (place + 1 == ticket.size() || ticket[place + 1] == '-' || ticket[place] == ticket[place + 1]) continue;
    auto swapped = ticket;
    std::swap(swapped[place], swapped[place + 1]);
    EXPECT_EQ(fault_of_ticket(swapped), TicketFault::wrong_digit) << swapped;
  }
}

TEST(Ticket, TellsWhatIsWrong) {
  EXPECT_EQ(fault_of_ticket(""), TicketFault::wrong_length);
  EXPECT_EQ(fault_of_ticket("1234-5678-9012"), TicketFault::wrong_length);
  EXPECT_EQ(fault_of_ticket(new_ticket() + "0"), TicketFault::wrong_length);
  EXPECT_EQ(fault_of_ticket("1234-5678-9012-345x"), TicketFault::wrong_characters);
  EXPECT_EQ(fault_of_ticket(std::string(100'000, '7')), TicketFault::wrong_length);
}

class TicketProofs : public ::testing::Test {
protected:
  const Secret ticket_ = credentials::make_ticket();
  const Bytes certificate_ = Bytes(32, 7);
  const Bytes binding_ = Bytes(32, 9);
  const Bytes content_ = {'a', 'n', 'n', 'a'};
  const TicketKey key_{ticket_, certificate_};
};

TEST_F(TicketProofs, FitOnBothEndsOfOneConnection) {
  const TicketKey other_end(ticket_, certificate_);
  const auto proof = key_.prove(TicketSide::viewer, binding_, content_);
  EXPECT_TRUE(other_end.accepts(proof, TicketSide::viewer, binding_, content_));
}

TEST_F(TicketProofs, FitNoOtherTicketCertificateConnectionSideOrContent) {
  const auto proof = key_.prove(TicketSide::viewer, binding_, content_);
  EXPECT_FALSE(
      TicketKey(credentials::make_ticket(), certificate_).accepts(proof, TicketSide::viewer, binding_, content_));
  EXPECT_FALSE(TicketKey(ticket_, Bytes(32, 8)).accepts(proof, TicketSide::viewer, binding_, content_));
  EXPECT_FALSE(key_.accepts(proof, TicketSide::viewer, Bytes(32, 10), content_));
  EXPECT_FALSE(key_.accepts(proof, TicketSide::host, binding_, content_)) << "a proof that is sent back";
  EXPECT_FALSE(key_.accepts(proof, TicketSide::viewer, binding_, Bytes{'e', 'v', 'e'}));
}

TEST(TicketMessages, ArriveAsTheyWereSent) {
  const ViewerHello hello{"anna", {1, 2, 3}};
  const auto sent = encode(hello);
  const auto size = credentials::viewer_body_size(std::span(sent).first<3>());
  ASSERT_EQ(size, sent.size() - 3);
  const auto received = credentials::parse_viewer_body(std::span(sent).subspan(3));
  ASSERT_TRUE(received);
  EXPECT_EQ(received->name, "anna");
  EXPECT_EQ(received->proof, hello.proof);

  const HostWelcome welcome{true, TicketRole::view, 60, "web-01", {4, 5}};
  const auto answer = encode(HostMessage(welcome));
  ASSERT_EQ(credentials::host_body_size(std::span(answer).first<3>()), answer.size() - 3);
  const auto parsed = credentials::parse_host_body(answer[0], std::span(answer).subspan(3));
  ASSERT_TRUE(parsed);
  const auto& arrived = std::get<HostWelcome>(*parsed);
  EXPECT_TRUE(arrived.admitted);
  EXPECT_EQ(arrived.role, TicketRole::view);
  EXPECT_EQ(arrived.answer_seconds, 60);
  EXPECT_EQ(arrived.server, "web-01");
  EXPECT_EQ(arrived.proof, welcome.proof);
}

TEST(TicketMessages, CutLongNames) {
  const auto sent = encode(ViewerHello{std::string(1000, 'x'), {}});
  EXPECT_EQ(sent.size(), 3 + 32 + 64U);
  EXPECT_TRUE(credentials::viewer_body_size(std::span(sent).first<3>()));
}

TEST(TicketMessages, RefuseWhatNoPeerSends) {
  const auto size = [](Bytes header) { return credentials::viewer_body_size(std::span(header).first<3>()); };
  EXPECT_FALSE(size({'S', 'S', 'H'}));
  EXPECT_FALSE(size({1, 0xff, 0xff})) << "a body of 64 KiB";
  EXPECT_FALSE(size({1, 0, 31})) << "no room for a proof";
  EXPECT_FALSE(size({2, 0, 40})) << "a message of the host";
  EXPECT_FALSE(credentials::parse_host_body(2, Bytes{9, 0, 0})) << "an unknown reason";
  EXPECT_FALSE(credentials::parse_host_body(5, Bytes{}));
  EXPECT_FALSE(credentials::parse_host_body(4, Bytes(10, 0)));
  const auto farewell = credentials::parse_host_body(5, Bytes{1});
  ASSERT_TRUE(farewell);
  EXPECT_EQ(std::get<HostFarewell>(*farewell).reason, credentials::TicketEnd::no_answer);
}

}  // namespace
}  // namespace rescue::tests
