// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The guest agent's client against answers of a valid and of a hostile guest.
#include "core/base64.hpp"
#include "images/vm/guest_agent.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/image_vm/peer.hpp"

#include <gmock/gmock.h>

#include <future>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using vm::GuestAgent;

json request_of(const std::string& line) { return json::parse(line.substr(line.rfind('\xff') + 1)); }

/// Answers guest-sync-delimited, and all other commands by `answers`.
Answers in_step(std::function<std::string(const json& request)> answers) {
  return [answers = std::move(answers)](const std::string& line) -> std::string {
    const auto request = request_of(line);
    if (request["execute"] != "guest-sync-delimited") return answers(request);
    return "\xff" + json{{"return", request["arguments"]["id"]}}.dump() + "\n";
  };
}
Answers always(const std::string& answer) {
  return in_step([answer](const json&) { return answer + "\n"; });
}

/// Error of a version query against this answer.
Error version_error(const std::string& answer) {
  Peer peer(always(answer));
  GuestAgent agent(peer.take());
  return error_of([&] { (void)agent.version(); });
}

TEST(GuestAgentClient, ReadsTheVersionPrintably) {
  Peer peer(always(R"({"return": {"version": "7.2\u001b[2J\u202e.0"}})"));
  GuestAgent agent(peer.take());
  EXPECT_TRUE(agent.wait_until_ready(Milliseconds(5'000)));
  EXPECT_EQ(agent.version(), "7.2\\x1b[2J\\u202e.0");
}

TEST(GuestAgentClient, DropsWhatEarlierConversationsHaveLeft) {
  Peer peer([](const std::string& line) -> std::string {
    const auto request = request_of(line);
    if (request["execute"] == "guest-ping") return "{\"return\": {}}\n";
    // An older answer, half a line, and the sentinel.
    return "{\"return\": {\"version\": \"old\"}}\n{\"retu\xff" + json{{"return", request["arguments"]["id"]}}.dump() +
           "\n";
  });
  GuestAgent agent(peer.take());
  EXPECT_TRUE(agent.pings(Milliseconds(5'000)));
}

TEST(GuestAgentClient, RefusesInvalidAnswers) {
  for (const auto* answer : {"", "no JSON", "[]", "{}", R"({"return": 1})", R"({"return": {"version": 7}})",
                             R"({"return": {}})", R"({"error": 7})", R"({"error": {"desc": {}}})"}) {
    EXPECT_EQ(version_error(answer).code(), ErrorCode::guest_agent) << answer;
  }
}

TEST(GuestAgentClient, RefusesDeepNesting) {
  const auto error = version_error("{\"return\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}");
  EXPECT_EQ(error.code(), ErrorCode::guest_agent);
}

TEST(GuestAgentClient, LimitsAnAnswerAndWorksAfterwards) {
  bool flooded = false;
  Peer peer(in_step([&flooded](const json&) {
    if (std::exchange(flooded, true)) return std::string("{\"return\": {\"version\": \"7\"}}\n");
    return std::string(std::size_t{3} << 20U, 'x') + "\n";
  }));
  GuestAgent agent(peer.take());
  EXPECT_EQ(error_of([&] { (void)agent.version(); }).code(), ErrorCode::guest_agent);
  EXPECT_EQ(agent.version(), "7");
}

TEST(GuestAgentClient, IsNotHeldUpByASilentGuest) {
  Peer peer([](const std::string&) { return ""; });
  GuestAgent agent(peer.take());
  EXPECT_FALSE(agent.wait_until_ready(Milliseconds(50)));
  EXPECT_FALSE(agent.pings(Milliseconds(50)));
}

TEST(GuestAgentClient, IsNotHeldUpByALineWithoutEnd) {
  Peer peer([](const std::string&) { return std::string(100'000, 'x'); });
  GuestAgent agent(peer.take());
  EXPECT_FALSE(agent.wait_until_ready(Milliseconds(100)));
}

TEST(GuestAgentClient, RunsAProgramAndReturnsItsOutput) {
  int polls = 0;
  Peer peer(in_step([&polls](const json& request) -> std::string {
    if (request["execute"] == "guest-exec") {
      EXPECT_EQ(request["arguments"]["path"], "/bin/echo");
      return "{\"return\": {\"pid\": 5}}\n";
    }
    EXPECT_EQ(request["arguments"]["pid"], 5);
    if (++polls < 3) return "{\"return\": {\"exited\": false}}\n";
    return "{\"return\": {\"exited\": true, \"exitcode\": 7, \"out-data\": \"aGkK\"}}\n";
  }));
  GuestAgent agent(peer.take());
  const auto result = agent.run({"/bin/echo", "hi"}, Milliseconds(5'000));
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.output, "hi\n");
  EXPECT_EQ(polls, 3);
}

TEST(GuestAgentClient, StopsWaitingForAProgramThatNeverEnds) {
  Peer peer(in_step([](const json& request) -> std::string {
    return request["execute"] == "guest-exec" ? "{\"return\": {\"pid\": 5}}\n" : "{\"return\": {\"exited\": false}}\n";
  }));
  GuestAgent agent(peer.take());
  EXPECT_EQ(error_of([&] { (void)agent.run({"x"}, Milliseconds(100)); }).code(), ErrorCode::timeout);
}

TEST(GuestAgentClient, GivesTheGuestsReasonForAProgramThatDoesNotStart) {
  Peer peer(always(R"({"error": {"class": "GenericError", "desc": "Failed to execute child"}})"));
  GuestAgent agent(peer.take());
  const auto error = error_of([&] { (void)agent.run({"x"}, Milliseconds(1'000)); });
  EXPECT_EQ(error.code(), ErrorCode::guest_agent);
  EXPECT_THAT(error.what(), HasSubstr("Failed to execute child"));
}

TEST(GuestAgentClient, ReadsAFileInParts) {
  int parts = 0;
  Peer peer(in_step([&parts](const json& request) -> std::string {
    if (request["execute"] == "guest-file-open") return "{\"return\": 1000}\n";
    if (request["execute"] == "guest-file-close") return "{\"return\": {}}\n";
    const bool last = ++parts == 3;
    return json{{"return", {{"count", 2}, {"buf-b64", base64_of("ab")}, {"eof", last}}}}.dump() + "\n";
  }));
  GuestAgent agent(peer.take());
  EXPECT_EQ(agent.read_file("/x"), "ababab");
}

TEST(GuestAgentClient, RefusesAFileThatNeverEnds) {
  Peer peer(in_step([](const json& request) -> std::string {
    if (request["execute"] == "guest-file-open") return "{\"return\": 1000}\n";
    return json{{"return", {{"count", 1000}, {"buf-b64", base64_of(std::string(1000, 'x'))}, {"eof", false}}}}.dump() +
           "\n";
  }));
  GuestAgent agent(peer.take());
  const auto error = error_of([&] { (void)agent.read_file("/x", 10'000); });
  EXPECT_EQ(error.code(), ErrorCode::guest_agent);
  EXPECT_THAT(error.what(), HasSubstr("larger than 10000 bytes"));
}

TEST(GuestAgentClient, RefusesAnImpossibleCountOfWrittenBytes) {
  for (const int count : {0, -1, 1000}) {
    Peer peer(in_step([count](const json& request) -> std::string {
      if (request["execute"] == "guest-file-open") return "{\"return\": 1000}\n";
      return json{{"return", {{"count", count}}}}.dump() + "\n";
    }));
    GuestAgent agent(peer.take());
    EXPECT_EQ(error_of([&] { agent.write_file("/x", "abc"); }).code(), ErrorCode::guest_agent) << count;
  }
}

TEST(GuestAgentClient, SendsThePasswordAndKeepsItOutOfErrors) {
  std::string sent;
  Peer peer(in_step([&sent](const json& request) -> std::string {
    EXPECT_EQ(request["arguments"]["username"], "Admin \"quoted\"");
    EXPECT_EQ(request["arguments"]["crypted"], false);
    sent = *bytes_of_base64(request["arguments"]["password"].get<std::string>());
    return json{{"error", {{"desc", "the password " + sent + " is bad"}}}}.dump() + "\n";
  }));
  GuestAgent agent(peer.take());
  const auto error = error_of([&] { agent.set_password("Admin \"quoted\"", Secret("s3cret \"é\"")); });
  EXPECT_EQ(sent, "s3cret \"é\"");
  EXPECT_EQ(error.code(), ErrorCode::guest_agent);
  EXPECT_THAT(error.what(), Not(HasSubstr("s3cret")));
}

TEST(GuestAgentClient, ListsInterfaces) {
  Peer peer(always(R"({"return": [{"name": "lo"}, {"name": "eth0", "hardware-address": "52:54:00:00:00:01",)"
                   R"( "ip-addresses": [{"ip-address": "10.0.2.15", "prefix": 24}]}]})"));
  GuestAgent agent(peer.take());
  const auto found = agent.interfaces();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].mac, "52:54:00:00:00:01");
  EXPECT_THAT(found[1].addresses, ElementsAre("10.0.2.15/24"));
}

TEST(GuestAgentClient, RefusesInvalidInterfaces) {
  for (const auto* answer : {R"({"return": {}})", R"({"return": [1]})", R"({"return": [{}]})",
                             R"({"return": [{"name": "a", "ip-addresses": [{"ip-address": "1.2.3.4"}]}]})"}) {
    Peer peer(always(answer));
    GuestAgent agent(peer.take());
    EXPECT_EQ(error_of([&] { (void)agent.interfaces(); }).code(), ErrorCode::guest_agent) << answer;
  }
}

TEST(GuestAgentClient, AsksForAShutdownWithoutWaitingForAnAnswer) {
  std::promise<std::string> mode;
  Peer peer(in_step([&mode](const json& request) -> std::string {
    mode.set_value(request["arguments"]["mode"]);
    return "";
  }));
  GuestAgent agent(peer.take());
  agent.request_shutdown(GuestAgent::Shutdown::reboot);
  EXPECT_EQ(mode.get_future().get(), "reboot");
}

}  // namespace
}  // namespace rescue::tests
