// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Requests and answers on the wire, with an HTTP server that answers like netbootd.
#include "core/base64.hpp"
#include "core/file.hpp"
#include "orchestrator/boot/netboot.hpp"
#include "orchestrator/boot/netboot_agent.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/http/running_server.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <mutex>

namespace rescue::tests {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

class NetbootAgentWire : public ::testing::Test {
protected:
  http::Router router() {
    http::Router router;
    const auto answer = [this](const http::Request& request) {
      const std::lock_guard lock(mutex_);
      seen_.push_back(request);
      return response_;
    };
    router.add("POST", "/v1/agent/redeem", answer);
    router.add("POST", "/v1/agent/heartbeat", answer);
    router.add("PUT", "/v1/agent/credentials", answer);
    router.add("POST", "/v1/agent/secrets", answer);
    return router;
  }
  boot::NetbootAgent agent() {
    make_folder(paths_.boot_folder, 0700);
    if (!read_file_if_exists(paths_.runtime_folder + "/agent.json")) {
      write_file_atomically(paths_.boot_folder + "/control-plane.json",
                            R"({"url": ")" + server_.url() + R"(", "server": "web-01", "boot_token": "rescue_abc"})",
                            0600);
    }
    return {boot::HandOver::find(paths_).value(), server_.client_options()};
  }
  void answer_with(unsigned status, const std::string& body) {
    const std::lock_guard lock(mutex_);
    response_.status = status;
    response_.body = body;
  }
  http::Request last() {
    const std::lock_guard lock(mutex_);
    return seen_.back();
  }

  ScratchFolder scratch_;
  boot::HandOverPaths paths_{scratch_.file("boot"), scratch_.file("run")};
  std::mutex mutex_;
  std::vector<http::Request> seen_;
  http::Response response_;
  http::RunningServer server_{router()};
};

constexpr const char* redeemed = R"({"server": "web-01", "session": "s-9", "heartbeat_interval": "3s",
  "request": {"on_shutdown": "restart", "disk_mode": "rw", "then": "reboot", "reason": "locked out",
              "requester_public_key": null, "image": "default"}})";

TEST_F(NetbootAgentWire, RedeemsTheBootTokenWithTheHashOfItsOwn) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  const auto redemption = agent.redeem({});
  EXPECT_EQ(redemption.session, "s-9");
  EXPECT_EQ(redemption.heartbeat_interval, Milliseconds(3'000));
  EXPECT_EQ(redemption.request->then, "reboot");
  EXPECT_EQ(redemption.request->requester_public_key, "");
  EXPECT_EQ(last().header("authorization"), "Bearer rescue_abc");
  const auto body = Json::parse(last().body);
  EXPECT_EQ(body.at("agent_token_sha256").get<std::string>().size(), 64U);
  EXPECT_EQ(body.at("version"), RESCUE_VERSION);
  (void)agent.redeem({});
  EXPECT_EQ(this->agent().redeem({}).session, "s-9");
  EXPECT_EQ(seen_.size(), 1U) << "nor does a restarted rescued ask again";
}

TEST_F(NetbootAgentWire, TellsRefusalsFromAServerThatIsAway) {
  auto agent = this->agent();
  const auto code_at = [&](unsigned status) {
    answer_with(status, "");
    return error_of([&] { (void)agent.redeem({}); }).code();
  };
  EXPECT_EQ(code_at(401), ErrorCode::denied);
  EXPECT_EQ(code_at(403), ErrorCode::denied);
  EXPECT_EQ(code_at(409), ErrorCode::conflict);
  EXPECT_EQ(code_at(503), ErrorCode::unavailable);
  answer_with(201, "<html>");
  EXPECT_EQ(error_of([&] { (void)agent.redeem({}); }).code(), ErrorCode::unavailable) << "something in between";
  answer_with(201, R"({"server": "web-01", "session": "s-9", "heartbeat_interval": "3s", "request": {"then": 7}})");
  EXPECT_EQ(error_of([&] { (void)agent.redeem({}); }).code(), ErrorCode::unavailable);
}

TEST_F(NetbootAgentWire, TellsWhereTheSessionIs) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  domain::SessionRecord record;
  record.phase = domain::Phase::failed;
  record.steps.push_back({"preflight", domain::StepState::done, {}, WallTime{}, "detail"});
  record.failure = domain::Failure{"fetch-image", ErrorCode::unavailable, std::string(9'000, 'x'), "Start it."};
  record.connection = domain::ConnectionData{"203.0.113.7", "Administrator", "SHA256:k", "ssh-ed25519", "ab:cd", {}};
  answer_with(200, R"({"command": {"id": 7, "kind": "finish", "then": "reboot"},
                       "lease": {"state": "active", "expires_at": null}})");
  const auto command = agent.heartbeat({record, "nothing"}, {}).command;
  ASSERT_TRUE(command);
  EXPECT_EQ(command->id, 7U);
  EXPECT_EQ(command->order, domain::FinishOrder(domain::Ending::reboot));
  EXPECT_EQ(last().header("authorization").size(), std::string("Bearer ").size() + 64);
  const auto body = Json::parse(last().body);
  EXPECT_EQ(body.at("phase"), "failed");
  EXPECT_EQ(body.at("waiting_for"), "nothing");
  EXPECT_EQ(body.at("steps").at(0).at("name"), "preflight");
  EXPECT_EQ(body.at("steps").at(0).at("began"), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(body.at("failure").at("code"), "unavailable");
  EXPECT_THAT(body.at("failure").at("message").get<std::string>(), HasSubstr("fetch-image: xxx"));
  EXPECT_LE(body.at("failure").at("message").get<std::string>().size(), 2'000U) << "what netbootd takes";
  EXPECT_EQ(body.at("connection").at("rdp_certificate"), "ab:cd");
  EXPECT_FALSE(body.at("connection").contains("rdp_proof"));
  answer_with(200, R"({"lease": {"state": "active", "expires_at": null}})");
  EXPECT_FALSE(agent.heartbeat({}, {}).command);
  EXPECT_FALSE(agent.heartbeat({}, {}).lease_ends);
  answer_with(401, "");
  EXPECT_EQ(error_of([&] { (void)agent.heartbeat({}, {}); }).code(), ErrorCode::denied);
}

TEST_F(NetbootAgentWire, TellsThatASessionWaitsForADecision) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  domain::SessionRecord record;
  record.phase = domain::Phase::failed;
  record.changes_undecided = true;
  answer_with(200, R"({"lease": {"state": "active", "expires_at": null}})");
  (void)agent.heartbeat({record, ""}, {});
  const auto body = Json::parse(last().body);
  EXPECT_EQ(body.at("phase"), "finishing") << "failed would end it for netbootd";
  EXPECT_EQ(body.at("undecided"), true);
  EXPECT_THAT(body.at("waiting_for").get<std::string>(), HasSubstr("keep or discard"));
}

TEST_F(NetbootAgentWire, ReadsWhetherALinkIsWanted) {
  answer_with(201, R"({"server": "web-01", "session": "s-9", "heartbeat_interval": "3s", "request": {"then": "reboot",
    "link": {"url": "https://rescue.example", "code": "panel", "send": true}}})");
  const domain::LinkRequest wanted{"https://rescue.example", "panel", true};
  EXPECT_EQ(this->agent().redeem({}).request->link, wanted);
  EXPECT_EQ(this->agent().redeem({}).request->link, wanted) << "nor does a restarted rescued forget it";
}

TEST_F(NetbootAgentWire, DeliversALink) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  ports::OneTimeLink link;
  link.name = credentials::generate_secret_id();
  const auto key = credentials::generate_link_key();
  link.sealed = credentials::seal(Secret(std::string_view("text")), link.name, key);
  link.link_verifier = credentials::verifier_of(credentials::proof_of_link(link.name, key));
  const domain::ConnectionData connection{"203.0.113.7", "Administrator", "SHA256:k", "ssh-ed25519", "ab:cd", {}, "AA"};
  answer_with(201, "{}");
  agent.deliver_link(link, connection, {});
  auto body = Json::parse(last().body);
  EXPECT_EQ(body.at("link"), link.name);
  EXPECT_EQ(body.at("sealed"), link.sealed.json());
  EXPECT_EQ(body.at("link_verifier"), base64_of(link.link_verifier));
  EXPECT_EQ(body.at("connection").at("ssh_host_key_blob"), "AA");
  for (const auto* const absent : {"verifier", "link_key", "code", "sealed_code"}) EXPECT_FALSE(body.contains(absent));
  link.key = key.clone();
  link.code = credentials::generate_code();
  link.verifier = std::string(32, 'v');
  link.sealed_for_panel = "sealed";
  agent.deliver_link(link, connection, {});
  body = Json::parse(last().body);
  EXPECT_EQ(body.at("link_key"), key.reveal());
  EXPECT_EQ(body.at("code"), link.code->reveal());
  EXPECT_EQ(body.at("sealed_code"), base64_of("sealed"));
  EXPECT_EQ(body.at("verifier"), base64_of(link.verifier));
}

TEST_F(NetbootAgentWire, ReportsTheOutcomeOfACommand) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  ports::Heartbeat beat;
  beat.record.phase = domain::Phase::serving;
  beat.record.command = domain::CommandOutcome{7};
  answer_with(200, R"({"command": {"id": 7, "kind": "rotate", "then": "", "changes": ""}})");
  const auto command = agent.heartbeat(beat, {}).command;
  ASSERT_TRUE(command);
  EXPECT_EQ(command->kind, contract::AgentCommand::rotate);
  EXPECT_FALSE(Json::parse(last().body).contains("command")) << "it is being carried out";
  beat.outcome = domain::CommandOutcome{7, true};
  answer_with(200, R"({"command": {"id": 8, "kind": "sing"}})");
  EXPECT_FALSE(agent.heartbeat(beat, {}).command) << "a command of a later netbootd";
  EXPECT_EQ(Json::parse(last().body).at("command"), Json({{"id", 7}}));
  beat.outcome->failure = domain::Failure{"", ErrorCode::access_unproven, "refused", "Look."};
  (void)agent.heartbeat(beat, {});
  const auto failure = Json::parse(last().body).at("command").at("failure");
  EXPECT_EQ(failure, (Json{{"code", "access-unproven"}, {"message", "refused"}, {"hint", "Look."}}));
}

TEST_F(NetbootAgentWire, ReportsWhatTheSessionChangedWithinLimits) {
  ports::Heartbeat beat;
  EXPECT_FALSE(Json::parse(boot::heartbeat_body(beat)).contains("report"));
  beat.record.report = domain::SessionReport{};
  EXPECT_EQ(Json::parse(boot::heartbeat_body(beat)).at("report"),
            Json::parse(R"({"changes": [], "unknown": [], "left_out": 0})"));
  beat.record.report->add({domain::ChangeCode::file_changed, "/dev/sda", 2, "x"});
  for (int i = 0; i < 100; ++i) {
    beat.record.report->add({domain::ChangeCode::file_added, "/dev/sda", 2, std::string(600, 'x')});
    beat.record.report->add_unknown(std::to_string(i) + std::string(600, 'x'));
  }
  const auto body = boot::heartbeat_body(beat);
  const auto report = Json::parse(body).at("report");
  EXPECT_EQ(report.at("changes").at(0),
            Json::parse(R"({"code": "file-changed", "disk": "/dev/sda", "partition": 2, "text": "x"})"));
  EXPECT_EQ(report.at("changes").size(), 40U);
  EXPECT_EQ(report.at("left_out"), 61);
  EXPECT_LT(body.size(), 32U << 10U) << "netbootd takes 64 KiB";
}

TEST_F(NetbootAgentWire, ReadsTheOrderOfATicket) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  answer_with(200, R"({"command": {"id": 7, "kind": "open-ticket", "role": "view", "ask_customer": false,
                                   "port": 21300}})");
  const auto command = agent.heartbeat({}, {}).command.value();
  EXPECT_EQ(command.kind, contract::AgentCommand::open_ticket);
  EXPECT_EQ(command.ticket.role, domain::TicketRole::view);
  EXPECT_FALSE(command.ticket.ask_customer);
  EXPECT_EQ(command.ticket.port, 21300);
  answer_with(200, R"({"command": {"id": 8, "kind": "open-ticket", "port": 65536}})");
  EXPECT_EQ(error_of([&] { (void)agent.heartbeat({}, {}); }).code(), ErrorCode::unavailable);
  answer_with(200, R"({"command": {"id": 9, "kind": "end-ticket"}})");
  EXPECT_EQ(agent.heartbeat({}, {}).command.value().kind, contract::AgentCommand::end_ticket);
}

TEST_F(NetbootAgentWire, ReportsATicketWithoutItsNumber) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  answer_with(200, "{}");
  (void)agent.heartbeat({}, {});
  EXPECT_FALSE(Json::parse(last().body).contains("ticket"));
  ports::Heartbeat beat;
  beat.ticket.emplace();
  auto& view = beat.ticket->view;
  view.open = true;
  view.port = 21300;
  view.addresses = {net::IpAddress::parse("203.0.113.7")};
  view.asking = domain::TicketVisitor{7, "198.51.100.9", "anna", {}};
  view.answer_until = WallTime{};
  view.connected.push_back({8, "198.51.100.8", "bob", {}});
  beat.ticket->sealed = "rescue";
  (void)agent.heartbeat(beat, {});
  EXPECT_EQ(Json::parse(last().body).at("ticket"), Json::parse(R"({
    "open": true, "port": 21300, "addresses": ["203.0.113.7"], "role": "control", "ask_customer": true,
    "opened_at": "1970-01-01T00:00:00.000Z", "sealed": "cmVzY3Vl",
    "asking": {"name": "anna", "address": "198.51.100.9", "until": "1970-01-01T00:00:00.000Z"},
    "connected": [{"name": "bob", "address": "198.51.100.8", "since": "1970-01-01T00:00:00.000Z"}]})"));
}

TEST_F(NetbootAgentWire, ReadsTheWishesForTheGuest) {
  answer_with(201, R"({"server": "web-01", "session": "s-9", "heartbeat_interval": "3s", "request": {
    "notify": {"address": "admin@example.org", "language": "de"}, "keyboard": "ch", "auth": "keys-only",
    "ssh_keys": ["ssh-ed25519 AAAA a", "ssh-ed25519 BBBB b"]}})");
  const auto request = agent().redeem({}).request.value();
  EXPECT_EQ(request.language, "de");
  EXPECT_EQ(request.keyboard, "ch");
  EXPECT_EQ(request.auth, "keys-only");
  EXPECT_THAT(request.ssh_keys, ::testing::ElementsAre("ssh-ed25519 AAAA a", "ssh-ed25519 BBBB b"));
}

TEST_F(NetbootAgentWire, ReadsWhenTheLeaseEnds) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  answer_with(200, R"({"lease": {"state": "active", "expires_at": "2026-11-30T18:00:00.250Z"}})");
  const auto answer = agent.heartbeat({}, {});
  EXPECT_EQ(rfc3339(answer.lease_ends.value()), "2026-11-30T18:00:00.250Z");
  for (const auto* const wrong : {R"("tomorrow")", "7", R"("2026-13-30T18:00:00.250Z")"}) {
    answer_with(200, std::string(R"({"lease": {"state": "active", "expires_at": )") + wrong + "}}");
    EXPECT_EQ(error_of([&] { (void)agent.heartbeat({}, {}); }).code(), ErrorCode::unavailable) << wrong;
  }
}

TEST_F(NetbootAgentWire, SendsBytesThatAreNoTextToo) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  domain::SessionRecord record;
  record.failure = domain::Failure{"", ErrorCode::internal, "a guest said \xff\xfe", ""};
  answer_with(200, "{}");
  EXPECT_FALSE(agent.heartbeat({record}, {}).command);
}

/// netbootd's answers to a session whose lease has ended while another session's lease holds the server.
class BootModeWire : public ::testing::Test {
protected:
  http::Router router() {
    http::Router router;
    const auto answer = [this](const http::Request&) { return http::Response{200, "application/json", body_, {}}; };
    router.add("GET", "/v1/servers/web-01/boot-mode", answer);
    router.add("PUT", "/v1/servers/web-01/boot-mode", answer);
    return router;
  }
  std::string restore(boot::NetbootBootControl::Ends ends) {
    boot::NetbootBootControl control("web-01", server_.client_options(), Secret("token"), ends);
    return control.restore_disk("", {});
  }
  std::string body_ = R"({"mode": "rescue-linux"})";
  http::RunningServer server_{router()};
};

TEST_F(BootModeWire, IsDoneWhenItsOwnLeaseHasEnded) {
  using Ends = boot::NetbootBootControl::Ends;
  EXPECT_EQ(restore(Ends::own_lease), "netboot: own lease ended; rescue-linux by another's");
  EXPECT_EQ(error_of([&] { (void)restore(Ends::any_lease); }).code(), ErrorCode::unavailable)
      << "who may end any lease has not ended this one";
  body_ = R"({"mode": "disk"})";
  EXPECT_EQ(restore(Ends::own_lease), "");
}

TEST_F(NetbootAgentWire, PutsTheSealedCredentials) {
  answer_with(201, redeemed);
  auto agent = this->agent();
  (void)agent.redeem({});
  answer_with(204, "");
  agent.deliver("\x01\x02\x03", {"203.0.113.7", "Administrator", "SHA256:k", "", "ab:cd", {}}, {});
  const auto body = Json::parse(last().body);
  EXPECT_EQ(body.at("sealed"), "AQID");
  EXPECT_EQ(body.at("connection").at("user"), "Administrator");
}

}  // namespace
}  // namespace rescue::tests
