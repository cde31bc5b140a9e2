// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "orchestrator/control/api.hpp"
#include "orchestrator/control/ticket_service.hpp"
#include "orchestrator/domain/listener_ports.hpp"
#include "tests/doubles/fake_ticket_desk.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/doubles/wait_until.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace rescue::tests {
namespace {

using control::SessionService;
using control::TicketService;
using domain::Phase;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

/// The ticket of a real session service, with a desk that opens no port.
class Tickets : public ::testing::Test {
protected:
  session::Ports ports() { return world_.ports(mailbox_); }
  void run(domain::TicketSettings settings = {}) {
    tickets_.emplace(sessions_, desk_, std::move(settings), domain::listeners_of(world_.settings.control_ports));
    router_ = control::make_router({sessions_, mailbox_, ports_, world_.settings, *tickets_, health_});
    sessions_.run();
    tickets_->run();
    ASSERT_TRUE(wait_until([&] { return !sessions_.status().busy; }));
  }
  void serve() {
    sessions_.start();
    ASSERT_TRUE(wait_until([&] { return sessions_.status().record.phase == Phase::serving; }));
  }
  void TearDown() override {
    if (tickets_) tickets_->stop();
    ASSERT_TRUE(wait_until([&] { return !sessions_.status().busy; }));
    EXPECT_TRUE(sessions_.stop_if_idle());
  }
  Json call(const std::string& method, const std::string& path, const std::string& body = {}) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.peer_uid = 0;
    last_ = router_.match(request).handler(request);
    return Json::parse(last_.body);
  }

  SessionWorld world_;
  control::Mailbox mailbox_;
  session::Ports ports_ = ports();
  SessionService sessions_{ports(), world_.settings};
  FakeTicketDesk desk_;
  std::optional<TicketService> tickets_;
  FakeDiskHealth health_;
  http::Router router_;
  http::Response last_;
};

TEST_F(Tickets, NeedASessionThatServes) {
  run();
  EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/ticket"); }).code(), ErrorCode::conflict);
  EXPECT_EQ(error_of([&] { (void)call("GET", "/v1/ticket"); }).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of([&] { (void)call("DELETE", "/v1/ticket"); }).code(), ErrorCode::conflict);
  EXPECT_EQ(desk_.openings, 0);
}

TEST_F(Tickets, AreForTheGuestsConsoleAndTheServersAddresses) {
  run();
  serve();
  const auto ticket = call("POST", "/v1/ticket", R"({"ask_customer": false, "role": "view"})");
  EXPECT_EQ(last_.status, 201U);
  EXPECT_THAT(last_.headers, ::testing::Contains(std::pair<std::string, std::string>("Cache-Control", "no-store")));
  EXPECT_EQ(ticket.at("number"), FakeTicketDesk::ticket);
  EXPECT_EQ(ticket.at("asks_customer"), false);
  EXPECT_EQ(ticket.at("role"), "view");
  EXPECT_EQ(desk_.last_site.console, sessions_.status().record.plan->guest.vnc_socket);
  ASSERT_FALSE(desk_.last_site.addresses.empty());
  EXPECT_EQ(desk_.last_site.addresses.front(), sessions_.status().record.plan->network.original.primary_v4()->address);
  EXPECT_EQ(desk_.last_site.ports.first, 21248);
  EXPECT_EQ(desk_.last_site.ports.last, 21503);
}

TEST_F(Tickets, ShowTheirNumberInTheirOwnAnswerOnly) {
  run();
  serve();
  (void)call("POST", "/v1/ticket");
  EXPECT_EQ(call("GET", "/v1/ticket").at("number"), FakeTicketDesk::ticket);
  const auto status = call("GET", "/v1/status");
  EXPECT_TRUE(status.at("ticket").at("open").get<bool>());
  EXPECT_THAT(status.dump(), Not(HasSubstr(FakeTicketDesk::ticket)));
}

TEST_F(Tickets, RefuseThePortsOfTheGuest) {
  run();
  serve();
  const auto error = error_of([&] { (void)call("POST", "/v1/ticket", R"({"port": 3389})"); });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.hint(), HasSubstr("21248 to 21503"));
  (void)call("POST", "/v1/ticket", R"({"port": 21400})");
  EXPECT_EQ(desk_.last_order.port, 21400);
}

TEST_F(Tickets, TakeTheCustomersAnswer) {
  run();
  serve();
  (void)call("POST", "/v1/ticket");
  EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/ticket/answer", R"({"yes": true})"); }).code(),
            ErrorCode::not_found);
  desk_.knock(7, "198.51.100.9");
  EXPECT_EQ(call("GET", "/v1/status").at("ticket").at("asking").at("address"), "198.51.100.9");
  EXPECT_EQ(error_of([&] { (void)call("POST", "/v1/ticket/answer", R"({"visitor": 6, "yes": true})"); }).code(),
            ErrorCode::not_found)
      << "an answer for another helper";
  const auto answered = call("POST", "/v1/ticket/answer", R"({"visitor": 7, "yes": true})");
  EXPECT_EQ(answered.at("connected").at(0).at("id"), 7);
}

TEST_F(Tickets, WakeWatchersWhenAHelperComes) {
  run();
  serve();
  (void)call("POST", "/v1/ticket");
  const auto before = sessions_.status().revision;
  desk_.knock(7, "198.51.100.9");
  EXPECT_GT(sessions_.wait_for_change(before, Milliseconds(20'000)).revision, before);
}

TEST_F(Tickets, EndWithTheSession) {
  run();
  serve();
  (void)call("POST", "/v1/ticket");
  sessions_.finish(domain::Ending::stay);
  EXPECT_TRUE(wait_until([&] { return !desk_.view().open; }));
  EXPECT_EQ(desk_.view().closed_because, "the session is over");
}

TEST_F(Tickets, AreOpenedByPolicyOncePerSession) {
  domain::TicketSettings settings;
  settings.open = domain::TicketPolicy::when_serving;
  settings.port = 21300;
  run(settings);
  serve();
  EXPECT_TRUE(wait_until([&] { return desk_.view().open; }));
  EXPECT_EQ(desk_.last_order.port, 21300);
  EXPECT_TRUE(desk_.last_order.ask_customer);
  (void)call("DELETE", "/v1/ticket");
  (void)sessions_.touch();
  (void)sessions_.wait_for_change(sessions_.status().revision, Milliseconds(50));
  EXPECT_EQ(desk_.openings, 1) << "the customer has ended it";
}

TEST_F(Tickets, LeaveAnInvitationInItsFolderWhileOpen) {
  const ScratchFolder folder;
  domain::TicketSettings settings;
  settings.invitation_folder = folder.file("");
  run(settings);
  serve();
  (void)call("POST", "/v1/ticket");
  const auto path = folder.file("inv32.xml");
  EXPECT_THAT(read_file(path), HasSubstr(FakeTicketDesk::ticket));
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  (void)call("DELETE", "/v1/ticket");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Tickets, RemoveTheInvitationWithTheSession) {
  const ScratchFolder folder;
  domain::TicketSettings settings;
  settings.invitation_folder = folder.file("");
  run(settings);
  serve();
  (void)call("POST", "/v1/ticket");
  sessions_.finish(domain::Ending::stay);
  EXPECT_TRUE(wait_until([&] { return !std::filesystem::exists(folder.file("inv32.xml")); }));
}

}  // namespace
}  // namespace rescue::tests
