// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "netboot/api/v1/agent_representation.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

std::string refused(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    return error.what();
  }
  return {};
}

TEST(HeartbeatBody, KeepsWhatIsKnownOfIt) {
  const auto report = report_from(R"({"phase": "starting", "waiting_for": "the guest agent", "of_a_later_version": 1,
      "steps": [{"name": "preflight", "state": "done", "began": "2026-11-21T11:50:00.000Z", "more": 2}],
      "connection": {"address": "203.0.113.7", "user": "Administrator"}})");
  EXPECT_EQ(report.phase, "starting");
  EXPECT_EQ(json::parse(report.text), json::parse(R"({"waiting_for": "the guest agent",
                            "steps": [{"name": "preflight", "state": "done", "began": "2026-11-21T11:50:00.000Z"}]})"));
  EXPECT_EQ(json::parse(report.connection), json({{"address", "203.0.113.7"}, {"user", "Administrator"}}));
  EXPECT_EQ(report_from(R"({"phase": "idle"})").connection, "");
}

TEST(HeartbeatBody, IsRefusedWhereItIsWrong) {
  EXPECT_NE(refused([] { (void)report_from("{}"); }).find("phase"), std::string::npos);
  EXPECT_NE(refused([] { (void)report_from(R"({"phase": "servin"})"); }).find("phase"), std::string::npos);
  EXPECT_NE(refused([] { (void)report_from(R"({"phase": "serving", "steps": [{}]})"); }).find("steps[0]"),
            std::string::npos);
  const auto long_text = json{{"phase", "serving"}, {"waiting_for", std::string(3000, 'x')}}.dump();
  EXPECT_NE(refused([&] { (void)report_from(long_text); }).find("waiting_for"), std::string::npos);
}

TEST(HeartbeatBody, BecomesTextThatATerminalMayShow) {
  const auto report = report_from(R"({"phase": "failed", "waiting_for": "a\u001b[2Jb\nc\u0000\u202ed\u0085 ü",
      "steps": [{"name": "x\ry", "state": "fa\u0007iled", "detail": "1\r\n2"}],
      "failure": {"code": "\u0008io", "message": "\u2066m\u2069", "hint": "\u200b"},
      "connection": {"address": "203.0.113.7\n", "user": "A\u001bb"}})");
  EXPECT_EQ(json::parse(report.text), json::parse(R"({"waiting_for": "a\\x1b[2Jb c\\x00\\u202ed ü",
      "steps": [{"name": "x y", "state": "fa\\x07iled", "detail": "1 2"}],
      "failure": {"code": "\\x08io", "message": "\\u2066m\\u2069", "hint": "\\u200b"}})"));
  EXPECT_EQ(json::parse(report.connection), json({{"address", "203.0.113.7"}, {"user", "A\\x1bb"}}));
}

json reported_changes(const json& report) { return json{{"phase", "finished"}, {"report", report}}; }

TEST(ReportOfAHeartbeat, BecomesTextThatATerminalMayShow) {
  const auto report = report_from(
      reported_changes(
          {{"changes",
            {{{"code", "file-changed"}, {"disk", "/dev/sda"}, {"partition", 2}, {"text", "a\x1b[2Jb"}, {"more", 1}},
             {{"code", "firmware-changed"}, {"text", "b"}}}},
           {"unknown", {"x\ny"}},
           {"left_out", 3}})
          .dump());
  EXPECT_EQ(json::parse(report.text)["report"], json::parse(R"({
      "changes": [{"code": "file-changed", "disk": "/dev/sda", "partition": 2, "text": "a\\x1b[2Jb"},
                  {"code": "firmware-changed", "partition": 0, "text": "b"}],
      "unknown": ["x y"], "left_out": 3})"));
}

TEST(ReportOfAHeartbeat, IsRefusedWhereItIsWrong) {
  const json change{{"code", "file-changed"}, {"text", "x"}};
  for (const auto& wrong :
       {json{{"changes", "x"}}, json{{"unknown", json::array()}}, json{{"changes", {{{"code", "x"}}}}},
        json{{"changes", std::vector<json>(65, change)}},
        json{{"changes", {{{"code", "x"}, {"text", "y"}, {"partition", -1}}}}},
        json{{"changes", {{{"code", "x"}, {"text", std::string(2001, 'x')}}}}},
        json{{"changes", json::array()}, {"unknown", std::vector<std::string>(17, "x")}},
        json{{"changes", json::array()}, {"unknown", {7}}}, json{{"changes", json::array()}, {"left_out", -1}}}) {
    EXPECT_NE(refused([&] { (void)report_from(reported_changes(wrong).dump()); }).find("report"), std::string::npos)
        << wrong;
  }
}

json reported_ticket(const json& more) {
  json ticket{{"open", true}, {"port", 21300}, {"role", "control"}, {"ask_customer", true}};
  ticket.update(more);
  return json{{"phase", "serving"}, {"ticket", ticket}};
}

TEST(TicketOfAHeartbeat, BecomesTextThatATerminalMayShow) {
  const auto report = report_from(reported_ticket({{"asking", {{"name", "a\x1b[2Jb"}, {"more", 1}}},
                                                   {"connected", {{{"name", "x\ny"}, {"address", "\u202e"}}}},
                                                   {"closed_because", "1\r\n2"},
                                                   {"number", "1234-5678-9012-3450"}})
                                      .dump());
  const auto ticket = json::parse(report.text)["ticket"];
  EXPECT_EQ(ticket["asking"], (json{{"name", "a\\x1b[2Jb"}}));
  EXPECT_EQ(ticket["connected"], json::parse(R"([{"name": "x y", "address": "\\u202e"}])"));
  EXPECT_EQ(ticket["closed_because"], "1 2");
  EXPECT_FALSE(ticket.contains("number")) << "only known members";
  EXPECT_EQ(ticket["addresses"], json::array());
}

TEST(TicketOfAHeartbeat, IsRefusedWhereItIsWrong) {
  for (const auto& wrong :
       {json{{"port", 65536}}, json{{"port", -1}}, json{{"open", "yes"}}, json{{"role", "root"}},
        json{{"ask_customer", 1}}, json{{"addresses", {"203.0.113.7; reboot"}}},
        json{{"addresses", std::vector<std::string>(65, "203.0.113.7")}}, json{{"sealed", "not base64"}},
        json{{"sealed", std::string(8196, 'A')}}, json{{"asking", "anna"}}, json{{"asking", {{"name", 7}}}},
        json{{"connected", std::vector<json>(17, json::object())}}, json{{"closed_because", std::string(2001, 'x')}}}) {
    EXPECT_NE(refused([&] { (void)report_from(reported_ticket(wrong).dump()); }).find("ticket"), std::string::npos)
        << wrong;
  }
}

TEST(CredentialsBody, MustBeBase64) {
  EXPECT_EQ(credentials_from(R"({"sealed": "cmVzY3Vl"})").sealed, "cmVzY3Vl");
  EXPECT_NE(refused([] { (void)credentials_from(R"({"sealed": "not base64"})"); }).find("sealed"), std::string::npos);
}

TEST(RedeemBody, NamesAHash) {
  const std::string hash(64, 'a');
  EXPECT_EQ(agent_hash_from(json{{"agent_token_sha256", hash}, {"version", "0.1.0"}}.dump()), hash);
  for (const auto& wrong : {std::string(63, 'a'), std::string(64, 'A'), std::string(64, 'g')}) {
    EXPECT_NE(refused([&] { (void)agent_hash_from(json{{"agent_token_sha256", wrong}}.dump()); }), "") << wrong;
  }
}

}  // namespace
}  // namespace rescue::netboot::api
