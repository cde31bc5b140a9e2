// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "core/guest_agent/protocol.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace rescue::agent {
namespace {

using nlohmann::json;

TEST(AgentProtocol, BuildsRequestsFromAnArgumentVector) {
  EXPECT_EQ(json::parse(ping_request()), json::parse(R"({"execute": "guest-ping"})"));
  EXPECT_EQ(json::parse(exec_request({"C:\\Windows\\net.exe", "user", "a \"b\""})), json::parse(R"({
    "execute": "guest-exec",
    "arguments": {"path": "C:\\Windows\\net.exe", "arg": ["user", "a \"b\""], "capture-output": true}})"));
  EXPECT_EQ(json::parse(exec_request({"whoami"}))["arguments"].count("arg"), 0U);
  EXPECT_EQ(json::parse(exec_status_request(42))["arguments"]["pid"], 42);
  EXPECT_THROW(static_cast<void>(exec_request({})), Error);
  EXPECT_NO_THROW(static_cast<void>(exec_request({"x", "\xff"})));
}

TEST(AgentProtocol, ReadsWhatAProgramDid) {
  EXPECT_EQ(exec_reply(R"({"return": {"pid": 815}})"), 815);
  EXPECT_FALSE(exec_status_reply(R"({"return": {"exited": false}})"));
  const auto done = exec_status_reply(
      R"({"return": {"exited": true, "exitcode": 3, "out-data": "b3V0Cg==", "err-data": "ZXJyCg=="}})");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->output, "out\nerr\n");
  EXPECT_EQ(exec_status_reply(R"({"return": {"exited": true, "signal": 9}})")->exit_code, 137);
}

TEST(AgentProtocol, CutsTheOutput) {
  // 90 000 bytes of 'a'
  std::string encoded;
  for (int i = 0; i < 30'000; ++i) encoded += "YWFh";
  const auto done = exec_status_reply(
      json{{"return", {{"exited", true}, {"exitcode", 0}, {"out-data", encoded}, {"err-data", encoded}}}}.dump());
  EXPECT_EQ(done->output.size(), output_limit);
}

TEST(AgentProtocol, MakesOutputPrintable) {
  // "\xff\x1b[2J\n" and "\xe2\x80\xaeno\n"
  const auto done = exec_status_reply(
      R"({"return": {"exited": true, "exitcode": 1, "out-data": "/xtbMkoK", "err-data": "4oCubm8K"}})");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->output, "\\xff\\x1b[2J\n\\u202eno\n");
}

TEST(AgentProtocol, TakesNoNumberForSuccessThatIsNone) {
  const auto code_of = [](const std::string& what) {
    return exec_status_reply(R"({"return": {"exited": true, )" + what + "}}")->exit_code;
  };
  EXPECT_EQ(code_of(R"("signal": 9)"), 137);
  EXPECT_EQ(code_of(R"("signal": 3221225477)"), 255) << "an exception of Windows";
  for (const auto* const number :
       {"-128", "4294967168", "-9223372036854775808", "9223372036854775807", "18446744073709551488"}) {
    const auto killed = code_of(std::string(R"("signal": )") + number);
    EXPECT_TRUE(killed > 128 && killed < 256) << number << " gives " << killed;
  }
  EXPECT_EQ(code_of(R"("exitcode": 3221225477)"), static_cast<int>(0xc0000005U)) << "an NTSTATUS";
  EXPECT_EQ(code_of(R"("exitcode": -1)"), -1);
  for (const auto* const number : {"4294967296", "-4294967296", "18446744069414584320", "9223372036854775807"}) {
    EXPECT_NE(code_of(std::string(R"("exitcode": )") + number), 0) << number;
  }
}

TEST(AgentProtocol, BuildsNothingOfAnAnswerThatIsNestedDeep) {
  constexpr std::size_t depth = 300'000;
  const auto nested = std::string(depth, '[') + std::string(depth, ']');
  const auto done = exec_status_reply(R"({"return": {"exited": true, "exitcode": 4, "more": )" + nested + "}}");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->exit_code, 4);
}

TEST(AgentProtocol, DistrustsTheGuest) {
  for (const char* reply : {"", "[]", "null", "{", R"({"return": []})", R"({"return": {}})",
                            R"({"return": {"exited": 1}})", R"({"return": {"exited": true, "exitcode": "0"}})",
                            R"({"return": {"exited": true, "out-data": "not base64!"}})",
                            R"({"return": {"exited": true, "out-data": {}}})"}) {
    try {
      static_cast<void>(exec_status_reply(reply));
      ADD_FAILURE() << "accepted: " << reply;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::guest_agent) << reply;
    }
  }
  EXPECT_THROW(static_cast<void>(exec_reply(R"({"return": {"pid": "1"}})")), Error);
}

TEST(AgentProtocol, ReplacesPlaceholdersOnce) {
  const std::map<std::string, std::string> values{{"a", "{b}"}, {"b", "x"}};
  EXPECT_EQ(filled({"set", "{a}-{b}", "{c}", "{ $_ }{b", "{{b}}", ""}, values),
            (std::vector<std::string>{"set", "{b}-x", "{c}", "{ $_ }{b", "{x}", ""}));
}

TEST(AgentProtocol, WritesFilesInParts) {
  EXPECT_EQ(json::parse(file_open_request("/etc/\"motd\"")), json::parse(R"({
    "execute": "guest-file-open", "arguments": {"path": "/etc/\"motd\"", "mode": "w"}})"));
  EXPECT_EQ(json::parse(file_write_request(7, "abc"))["arguments"], json::parse(R"({"handle": 7, "buf-b64": "YWJj"})"));
  const auto part = json::parse(file_write_request(7, std::string(100'000, 'x')))["arguments"]["buf-b64"];
  EXPECT_EQ(part.get<std::string>().size(), file_part / 3 * 4);
  EXPECT_EQ(json::parse(file_close_request(7))["arguments"]["handle"], 7);
  EXPECT_EQ(file_open_reply(R"({"return": 1000})"), 1000);
  EXPECT_EQ(file_write_reply(R"({"return": {"count": 3, "eof": false}})", 3), 3U);
}

TEST(AgentProtocol, RefusesImpossibleAnswersToWrites) {
  for (const auto* const reply : {"", "[]", "{}", R"({"return": {}})", R"({"return": "7"})"}) {
    EXPECT_THROW((void)file_open_reply(reply), Error) << reply;
  }
  for (const auto* const reply : {"{}", R"({"return": {"count": 0}})", R"({"return": {"count": -1}})",
                                  R"({"return": {"count": 4}})", R"({"return": {"count": 18446744073709551615}})"}) {
    EXPECT_THROW((void)file_write_reply(reply, 3), Error) << reply;
  }
}

}  // namespace
}  // namespace rescue::agent
