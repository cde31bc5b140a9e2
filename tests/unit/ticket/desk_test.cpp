// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The listener and the viewer's way in against each other, over real sockets.
#include "core/access/connect.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/unix_socket.hpp"
#include "credentials/ticket.hpp"
#include "orchestrator/ticket/listener.hpp"
#include "orchestrator/ticket/tls_ticket_desk.hpp"
#include "orchestrator/viewer/knock.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/doubles/wait_until.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <future>
#include <thread>

namespace rescue::tests {
namespace {

using net::literals::operator""_ip;
using credentials::Bytes;
using credentials::TicketRole;
using ticket::TicketRules;
using ticket::TlsTicketDesk;
using viewer::Reason;

constexpr Milliseconds patience{20'000};
constexpr domain::PortRange ports_of_tests{21248, 21503};
const std::string rfb_version = "RFB 003.008\n";

tls::Patience soon(Milliseconds limit = patience) { return {std::chrono::steady_clock::now() + limit}; }
Bytes octets(const std::string& text) { return {text.begin(), text.end()}; }
Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// In place of the guest's VNC server: sends its version, then sends back what it gets.
class EchoConsole {
public:
  explicit EchoConsole(const std::string& path) : listener_(unix_socket()), wake_(ticket::make_event()) {
    EXPECT_EQ(bind_unix(listener_, path), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    thread_ = std::jthread([this] { serve(); });
  }
  ~EchoConsole() { ticket::signal_event(wake_.get()); }
  EchoConsole(const EchoConsole&) = delete;
  EchoConsole& operator=(const EchoConsole&) = delete;

private:
  void serve() {
    std::vector<FileDescriptor> peers;
    for (;;) {
      std::vector<pollfd> ready{{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
      for (const auto& peer : peers) ready.push_back({peer.get(), POLLIN, 0});
      ASSERT_GT(::poll(ready.data(), ready.size(), -1), 0);
      if (ready[0].revents != 0) return;
      std::erase_if(peers, [](const FileDescriptor& peer) {
        std::array<char, 4096> block{};
        const auto size = ::recv(peer.get(), block.data(), block.size(), MSG_DONTWAIT);
        if (size > 0) (void)::send(peer.get(), block.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
        return size == 0;
      });
      if (ready[1].revents == 0) continue;
      peers.emplace_back(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      (void)::send(peers.back().get(), rfb_version.data(), rfb_version.size(), MSG_NOSIGNAL);
    }
  }

  FileDescriptor listener_;
  FileDescriptor wake_;
  std::jthread thread_;
};

/// A listener of the test's own on a port of this host.
struct OwnListener {
  ticket::Listening listening = ticket::listen_for_viewers(ports_of_tests, std::nullopt);

  [[nodiscard]] FileDescriptor accept() const {
    pollfd ready{listening.socket.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&ready, 1, static_cast<int>(patience.count())), 1);
    return FileDescriptor(::accept4(listening.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
};

class TicketDesk : public ::testing::Test {
protected:
  void open(const domain::TicketOrder& order = {}) {
    desk_.open({"web-01", {"127.0.0.1"_ip}, folder_.file("console"), ports_of_tests}, order);
  }
  void open_without_question() {
    domain::TicketOrder order;
    order.ask_customer = false;
    open(order);
  }
  [[nodiscard]] viewer::Target target() const { return target(desk_.number(), desk_.view().port); }
  static viewer::Target target(const Secret& number, std::uint16_t port) {
    viewer::Target target;
    target.ticket = number.clone();
    target.endpoints = {{"127.0.0.1"_ip, port}};
    target.name = "anna";
    return target;
  }
  static viewer::Admission knock(const viewer::Target& target) {
    return viewer::knock(
        target, [](const std::string&) {}, -1);
  }
  /// Why there is no way in.
  static Reason reason_of(const viewer::Target& target) {
    try {
      (void)knock(target);
    } catch (const viewer::Problem& problem) {
      return problem.reason();
    }
    ADD_FAILURE() << "it got in";
    return Reason::cancelled;
  }
  static std::future<Reason> reason_soon(viewer::Target target) {
    return std::async(std::launch::async, [target = std::move(target)] { return reason_of(target); });
  }
  std::uint64_t wait_for_question() {
    EXPECT_TRUE(wait_until([&] { return desk_.view().asking.has_value(); }));
    return desk_.view().asking.value().id;
  }
  static std::string read_text(viewer::Admission& admission, std::size_t size) {
    Bytes bytes(size);
    EXPECT_EQ(admission.channel.receive(bytes, soon()), tls::Outcome::done);
    return {bytes.begin(), bytes.end()};
  }

  ScratchFolder folder_;
  EchoConsole console_{folder_.file("console")};
  SystemClock clock_;
  TlsTicketDesk desk_{clock_};
};

TEST_F(TicketDesk, ShowsTheConsoleToAHelperWithTheTicket) {
  open_without_question();
  auto admission = knock(target());
  EXPECT_EQ(admission.server, "web-01");
  EXPECT_EQ(admission.role, TicketRole::control);
  EXPECT_EQ(read_text(admission, rfb_version.size()), rfb_version);
  const auto hello = octets(rfb_version) + Bytes{1, 0} + Bytes{4, 1, 0, 0, 0, 0, 0, 'a'};
  ASSERT_EQ(admission.channel.send(hello, soon()), tls::Outcome::done);
  const auto expected = octets(rfb_version) + Bytes{1, 1} + Bytes{4, 1, 0, 0, 0, 0, 0, 'a'};
  EXPECT_EQ(octets(read_text(admission, hello.size())), expected) << "the session is shared, and the key arrives";
  const auto view = desk_.view();
  ASSERT_EQ(view.connected.size(), 1U);
  EXPECT_EQ(view.connected.front().name, "anna");
  EXPECT_EQ(view.connected.front().address, "127.0.0.1");
  desk_.close("ended by the customer");
  Bytes byte(1);
  EXPECT_EQ(admission.channel.receive(byte, soon()), tls::Outcome::closed);
  EXPECT_TRUE(wait_until([&] { return desk_.view().connected.empty(); }));
  EXPECT_EQ(desk_.view().closed_because, "ended by the customer");
}

TEST_F(TicketDesk, RelaysMoreThanItHolds) {
  open_without_question();
  auto admission = knock(target());
  (void)read_text(admission, rfb_version.size());
  const auto hello = octets(rfb_version) + Bytes{1, 1};
  constexpr std::size_t key_event = 8;
  Bytes block(360'000 * key_event);
  for (std::size_t at = 0; at < block.size(); at += key_event) {
    block[at] = 4;
    for (std::size_t i = 4; i < key_event; ++i) block[at + i] = static_cast<std::uint8_t>((at + i) * 7 >> 3);
  }
  ASSERT_EQ(admission.channel.send(hello, soon()), tls::Outcome::done);
  (void)read_text(admission, hello.size());
  constexpr std::size_t piece = 6'000 * key_event;
  for (std::size_t at = 0; at < block.size(); at += piece) {
    const auto part = std::span(block).subspan(at, piece);
    ASSERT_EQ(admission.channel.send(part, soon()), tls::Outcome::done);
    Bytes back(piece);
    ASSERT_EQ(admission.channel.receive(back, soon()), tls::Outcome::done);
    ASSERT_TRUE(std::equal(back.begin(), back.end(), part.begin()));
  }
}

TEST_F(TicketDesk, LetsAHelperWatchOnly) {
  domain::TicketOrder order{false, TicketRole::view, {}};
  open(order);
  auto admission = knock(target());
  EXPECT_EQ(admission.role, TicketRole::view);
  (void)read_text(admission, rfb_version.size());
  const Bytes update = {3, 0, 0, 0, 0, 0, 0, 9, 0, 9};
  const auto sent = octets(rfb_version) + Bytes{1, 1} + Bytes{4, 1, 0, 0, 0, 0, 0, 'a'} + update;
  ASSERT_EQ(admission.channel.send(sent, soon()), tls::Outcome::done);
  const auto expected = octets(rfb_version) + Bytes{1, 1} + update;
  EXPECT_EQ(octets(read_text(admission, expected.size())), expected);
}

TEST_F(TicketDesk, AsksTheCustomerFirst) {
  open();
  auto in = std::async(std::launch::async, [target = target()] { return knock(target); });
  const auto visitor = wait_for_question();
  EXPECT_TRUE(desk_.view().connected.empty());
  desk_.answer(visitor, true);
  auto admission = in.get();
  EXPECT_EQ(read_text(admission, rfb_version.size()), rfb_version);
  EXPECT_FALSE(desk_.view().asking);
  EXPECT_EQ(desk_.view().connected.size(), 1U);
  EXPECT_EQ(error_of([&] { desk_.answer(visitor, true); }).code(), ErrorCode::not_found);
}

TEST_F(TicketDesk, KeepsAHelperOutAfterANo) {
  open();
  auto reason = reason_soon(target());
  desk_.answer(wait_for_question(), false);
  EXPECT_EQ(reason.get(), Reason::declined);
  EXPECT_TRUE(desk_.view().open) << "the helper may ask again";
}

TEST_F(TicketDesk, TakesSilenceForANo) {
  TicketRules rules;
  rules.answer_limit = Milliseconds(200);
  TlsTicketDesk hasty(clock_, rules);
  hasty.open({"web-01", {}, folder_.file("console"), ports_of_tests}, {});
  EXPECT_EQ(reason_of(target(hasty.number(), hasty.view().port)), Reason::no_answer);
  EXPECT_FALSE(hasty.view().asking);
}

TEST_F(TicketDesk, WithdrawsTheQuestionOfAHelperThatLeaves) {
  open();
  const auto wake = ticket::make_event();
  auto left = std::async(std::launch::async, [&, target = target()] {
    try {
      (void)viewer::knock(
          target, [](const std::string&) {}, wake.get());
    } catch (const viewer::Problem& problem) {
      return problem.reason();
    }
    return Reason::no_answer;
  });
  const auto visitor = wait_for_question();
  ticket::signal_event(wake.get());
  EXPECT_EQ(left.get(), Reason::cancelled);
  EXPECT_TRUE(wait_until([&] { return !desk_.view().asking; }));
  EXPECT_EQ(error_of([&] { desk_.answer(visitor, true); }).code(), ErrorCode::not_found);
}

TEST_F(TicketDesk, EndsAQuestionWithTheSession) {
  open();
  auto reason = reason_soon(target());
  (void)wait_for_question();
  desk_.close("the session is over");
  EXPECT_EQ(reason.get(), Reason::session_over);
  EXPECT_EQ(error_of([&] { (void)desk_.number(); }).code(), ErrorCode::not_found);
}

TEST_F(TicketDesk, AsksForOneHelperAtATime) {
  open();
  auto first = reason_soon(target());
  const auto visitor = wait_for_question();
  EXPECT_EQ(reason_of(target()), Reason::busy);
  EXPECT_EQ(desk_.view().asking.value().id, visitor) << "the question is still the first one's";
  desk_.answer(visitor, false);
  EXPECT_EQ(first.get(), Reason::declined);
}

TEST_F(TicketDesk, RefusesAWrongTicketThenTheAddress) {
  open();
  const auto port = desk_.view().port;
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(reason_of(target(credentials::make_ticket(), port)), Reason::unknown_ticket);
  }
  EXPECT_EQ(desk_.view().wrong_tickets, 5U);
  EXPECT_EQ(reason_of(target()), Reason::locked) << "even with the right one: a pause answers no guess";
  EXPECT_FALSE(desk_.view().asking);
}

TEST_F(TicketDesk, EndsAfterTooManyWrongTickets) {
  TicketRules rules;
  rules.attempts.most_overall = 2;
  TlsTicketDesk strict(clock_, rules);
  strict.open({"web-01", {}, folder_.file("console"), ports_of_tests}, {});
  const auto port = strict.view().port;
  EXPECT_EQ(reason_of(target(credentials::make_ticket(), port)), Reason::unknown_ticket);
  EXPECT_EQ(reason_of(target(credentials::make_ticket(), port)), Reason::locked);
  EXPECT_FALSE(strict.view().open);
  EXPECT_EQ(strict.view().closed_because, "too many wrong tickets");
  EXPECT_TRUE(wait_until([&] { return reason_of(target(credentials::make_ticket(), port)) == Reason::port_closed; }));
}

TEST_F(TicketDesk, KnowsNoOldTicketAndNoOtherSessionsTicket) {
  open();
  const auto old = desk_.number();
  const auto port = desk_.view().port;
  const auto old_certificate = desk_.view().certificate;
  desk_.close("ended by the customer");
  domain::TicketOrder same_port;
  same_port.port = port;
  open(same_port);
  EXPECT_NE(desk_.view().certificate, old_certificate) << "each ticket has its own";
  EXPECT_EQ(reason_of(target(old, port)), Reason::unknown_ticket);

  TlsTicketDesk other_server(clock_);
  other_server.open({"web-02", {}, folder_.file("console"), ports_of_tests}, {});
  EXPECT_EQ(reason_of(target(other_server.number(), port)), Reason::unknown_ticket);
}

TEST_F(TicketDesk, OpensOneTicketAtATime) {
  open();
  EXPECT_EQ(error_of([&] { open(); }).code(), ErrorCode::conflict);
  domain::TicketOrder taken;
  taken.port = desk_.view().port;
  TlsTicketDesk other(clock_);
  EXPECT_EQ(error_of([&] { other.open({"web-02", {}, "", ports_of_tests}, taken); }).code(), ErrorCode::network);
}

TEST_F(TicketDesk, InvitesTheViewerItself) {
  open_without_question();
  auto invited = viewer::target_of_invitation(desk_.invitation().reveal());
  ASSERT_TRUE(invited.certificate);
  EXPECT_EQ(knock(invited).server, "web-01");
}

/// Somebody in between, with a certificate of its own and without the ticket.
class ManInTheMiddle : public TicketDesk {
protected:
  /// The helper's end: takes the helper's message, or none if it sends none.
  std::optional<Bytes> take_hello(tls::Channel& channel) {
    if (channel.handshake(soon()) != tls::Outcome::done) return std::nullopt;
    Bytes header(credentials::ticket_header_size);
    if (channel.receive(header, soon()) != tls::Outcome::done) return std::nullopt;
    Bytes body(credentials::viewer_body_size(std::span(header).first<3>()).value());
    if (channel.receive(body, soon()) != tls::Outcome::done) return std::nullopt;
    header.insert(header.end(), body.begin(), body.end());
    return header;
  }
  tls::Channel towards_helper() {
    return tls::Channel::server(between_.accept(), identity_, std::string(credentials::ticket_protocol));
  }

  OwnListener between_;
  tls::Identity identity_ = tls::Identity::make("in between");
};

TEST_F(ManInTheMiddle, GetsNothingFromTheHostWithTheHelpersProof) {
  open_without_question();
  auto reason = reason_soon(target(desk_.number(), between_.listening.port));
  auto helper = towards_helper();
  const auto hello = take_hello(helper);
  ASSERT_TRUE(hello);
  auto host = tls::Channel::client(access::connect_tcp("127.0.0.1", desk_.view().port, patience).fd,
                                   std::string(credentials::ticket_protocol));
  ASSERT_EQ(host.handshake(soon()), tls::Outcome::done);
  ASSERT_EQ(host.send(*hello, soon()), tls::Outcome::done);
  Bytes answer(6);
  ASSERT_EQ(host.receive(answer, soon()), tls::Outcome::done);
  EXPECT_EQ(answer, encode(credentials::HostMessage(credentials::HostRefusal{})))
      << "the host knows it for a wrong one";
  EXPECT_TRUE(desk_.view().connected.empty());
  ASSERT_EQ(helper.send(answer, soon()), tls::Outcome::done);
  EXPECT_EQ(reason.get(), Reason::unknown_ticket);
}

TEST_F(ManInTheMiddle, IsNoticedByTheHelperWhenItPretends) {
  open_without_question();
  for (const bool admitted : {true, false}) {
    auto reason = reason_soon(target(desk_.number(), between_.listening.port));
    auto helper = towards_helper();
    const auto hello = take_hello(helper);
    ASSERT_TRUE(hello);
    credentials::HostWelcome welcome{admitted, TicketRole::control, 60, "web-01", {}};
    // The helper's own proof, sent back, is the best that it has.
    std::copy_n(hello->begin() + 3, welcome.proof.size(), welcome.proof.begin());
    ASSERT_EQ(helper.send(encode(credentials::HostMessage(welcome)), soon()), tls::Outcome::done);
    EXPECT_EQ(reason.get(), Reason::certificate_mismatch);
  }
}

TEST_F(ManInTheMiddle, GetsNoProofFromAHelperWithAnInvitation) {
  open_without_question();
  auto invited = viewer::target_of_invitation(desk_.invitation().reveal());
  invited.endpoints = {{"127.0.0.1"_ip, between_.listening.port}};
  auto reason = reason_soon(std::move(invited));
  auto helper = towards_helper();
  EXPECT_FALSE(take_hello(helper));
  EXPECT_EQ(reason.get(), Reason::certificate_mismatch);
}

TEST_F(TicketDesk, IsTheOnlyServiceThatAHelperTakesForOne) {
  OwnListener other;
  auto reason = reason_soon(target(credentials::make_ticket(), other.listening.port));
  {
    const auto peer = other.accept();
    (void)::send(peer.get(), "SSH-2.0-OpenSSH_9.2\r\n", 21, MSG_NOSIGNAL);
    EXPECT_EQ(reason.get(), Reason::not_a_rescue_host);
  }
  reason = reason_soon(target(credentials::make_ticket(), other.listening.port));
  auto web = tls::Channel::server(other.accept(), tls::Identity::make("web"), "http/1.1");
  EXPECT_NE(web.handshake(soon()), tls::Outcome::done);
  EXPECT_EQ(reason.get(), Reason::not_a_rescue_host);
  const auto port = other.listening.port;
  other.listening.socket.reset();
  EXPECT_EQ(reason_of(target(credentials::make_ticket(), port)), Reason::port_closed);
}

TEST_F(TicketDesk, KeepsPlacesForOthers) {
  open_without_question();
  const auto port = desk_.view().port;
  const auto is_closed = [](const FileDescriptor& one, Milliseconds limit) {
    pollfd ready{one.get(), POLLIN, 0};
    char byte = 0;
    return ::poll(&ready, 1, static_cast<int>(limit.count())) == 1 && ::recv(one.get(), &byte, 1, MSG_DONTWAIT) <= 0;
  };
  std::vector<FileDescriptor> silent;
  for (unsigned i = 0; i < TicketRules{}.most_unproven_per_address; ++i)
    silent.push_back(access::connect_tcp("127.0.0.1", port, patience).fd);
  EXPECT_FALSE(is_closed(silent.back(), Milliseconds(300)));
  const auto one_more = access::connect_tcp("127.0.0.1", port, patience).fd;
  EXPECT_TRUE(is_closed(one_more, patience));
  EXPECT_FALSE(is_closed(silent.front(), Milliseconds(0)));
}

TEST_F(TicketDesk, EndsConnectionsThatProveNothing) {
  TicketRules rules;
  rules.proof_limit = Milliseconds(2'000);
  TlsTicketDesk hasty(clock_, rules);
  domain::TicketOrder order;
  order.ask_customer = false;
  hasty.open({"web-01", {}, folder_.file("console"), ports_of_tests}, order);
  const auto port = hasty.view().port;
  std::vector<FileDescriptor> silent;
  for (int round = 0; round < 40; ++round) silent.push_back(access::connect_tcp("127.0.0.1", port, patience).fd);
  for (const auto& one : silent) {
    pollfd ready{one.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, static_cast<int>(patience.count())), 1);
    char byte = 0;
    EXPECT_LE(::recv(one.get(), &byte, 1, MSG_DONTWAIT), 0) << "the end";
  }
  EXPECT_EQ(knock(target(hasty.number(), port)).server, "web-01") << "they keep nobody out afterwards";
}

TEST_F(TicketDesk, SurvivesWhatNoViewerSends) {
  open_without_question();
  const auto port = desk_.view().port;
  for (const auto& junk :
       {Bytes{}, Bytes(3, 0xff), Bytes{1, 0, 32}, octets("GET / HTTP/1.1\r\n\r\n"), Bytes(5000, 1)}) {
    // Not at once: the places of those before are free when their ends have been noticed.
    EXPECT_TRUE(wait_until([&] {
      auto channel = tls::Channel::client(access::connect_tcp("127.0.0.1", port, patience).fd,
                                          std::string(credentials::ticket_protocol));
      if (channel.handshake(soon()) != tls::Outcome::done) return false;
      (void)channel.send(junk, soon());
      return true;
    }));
  }
  EXPECT_EQ(desk_.view().wrong_tickets, 0U) << "junk is no guess";
  EXPECT_TRUE(wait_until([&] {
    try {
      return knock(target()).server == "web-01";
    } catch (const viewer::Problem&) {
      return false;
    }
  }));
}

TEST_F(TicketDesk, LogsNoNumber) {
  log::set_up("unit_ticket", log::Level::debug);
  open();
  const auto number = std::string(desk_.number().reveal());
  auto reason = reason_soon(target());
  desk_.answer(wait_for_question(), false);
  (void)reason.get();
  (void)reason_of(target(credentials::make_ticket(), desk_.view().port));
  desk_.close("ended by the customer");
  auto digits = number;
  std::erase(digits, '-');
  bool opened = false;
  for (const auto& line : log::recent()) {
    EXPECT_THAT(line, ::testing::Not(::testing::HasSubstr(number)));
    EXPECT_THAT(line, ::testing::Not(::testing::HasSubstr(digits)));
    opened = opened || line.find("ticket: opened on port") != std::string::npos;
  }
  EXPECT_TRUE(opened) << "the log is the one that was looked at";
}

}  // namespace
}  // namespace rescue::tests
