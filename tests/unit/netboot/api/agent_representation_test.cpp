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
