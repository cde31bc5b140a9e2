// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// QMP: framing, errors, events, late answers, limits.
#include "images/vm/qmp.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/image_vm/peer.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr auto greeting = R"({"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}}})"
                          "\r\n";
constexpr Milliseconds soon{200};

std::string reply(const std::string& line, const json& value) {
  return json{{"return", value}, {"id", json::parse(line)["id"]}}.dump() + "\r\n";
}

/// Negotiates, and answers everything else by `answers`.
Answers after_negotiation(Answers answers) {
  return [answers = std::move(answers)](const std::string& line) {
    return json::parse(line)["execute"] == "qmp_capabilities" ? reply(line, json::object()) : answers(line);
  };
}

TEST(QmpChannel, NegotiatesAndReturnsResults) {
  Peer peer(after_negotiation([](const std::string& line) { return reply(line, {{"status", "running"}}); }), greeting);
  vm::Qmp qmp(peer.take());
  EXPECT_EQ(qmp.version(), "7.2.22");
  EXPECT_EQ(qmp.execute("query-status")["status"], "running");
}

TEST(QmpChannel, RefusesAnotherGreeting) {
  Peer peer([](const std::string&) { return ""; }, "220 smtp.example ESMTP\r\n");
  EXPECT_EQ(error_of([&] { vm::Qmp qmp(peer.take()); }).code(), ErrorCode::hypervisor);
}

TEST(QmpChannel, ThrowsQemusReason) {
  Peer peer(after_negotiation([](const std::string& line) {
              return json{{"error", {{"class", "GenericError"}, {"desc", "no\x1b[2J such device"}}},
                          {"id", json::parse(line)["id"]}}
                         .dump() +
                     "\n";
            }),
            greeting);
  vm::Qmp qmp(peer.take());
  const auto error = error_of([&] { qmp.execute("device_del"); });
  EXPECT_EQ(error.code(), ErrorCode::hypervisor);
  EXPECT_STREQ(error.what(), "QEMU's monitor: device_del: no\\x1b[2J such device");
}

TEST(QmpChannel, KeepsEventsThatComeBeforeAnAnswer) {
  Peer peer(after_negotiation([](const std::string& line) {
              return R"({"event": "RESET", "data": {"guest": true}})"
                     "\n"
                     R"({"event": "STOP"})"
                     "\n" +
                     reply(line, 1);
            }),
            greeting);
  vm::Qmp qmp(peer.take());
  EXPECT_EQ(qmp.execute("x"), 1);
  const auto reset = qmp.next_event(soon);
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->name, "RESET");
  EXPECT_EQ(reset->data["guest"], true);
  EXPECT_EQ(qmp.next_event(soon)->name, "STOP");
  EXPECT_FALSE(qmp.next_event(Milliseconds(1)));
}

TEST(QmpChannel, KeepsTheNewestOfTooManyEvents) {
  Peer peer(after_negotiation([](const std::string& line) {
              std::string flood;
              for (int index = 0; index < 1000; ++index) {
                flood += json{{"event", "E" + std::to_string(index)}}.dump() + "\n";
              }
              return flood + reply(line, 1);
            }),
            greeting);
  vm::Qmp qmp(peer.take());
  EXPECT_EQ(qmp.execute("x"), 1);
  EXPECT_EQ(qmp.next_event(soon)->name, "E744");
}

TEST(QmpChannel, IgnoresTheLateAnswerToACommandThatTimedOut) {
  std::string late;
  Peer peer(after_negotiation([&late](const std::string& line) {
              if (late.empty()) {
                late = reply(line, "late");
                return std::string{};
              }
              return late + reply(line, "in time");
            }),
            greeting);
  vm::Qmp qmp(peer.take());
  EXPECT_EQ(error_of([&] { qmp.execute("slow", json::object(), Milliseconds(50)); }).code(), ErrorCode::timeout);
  EXPECT_EQ(qmp.execute("quick"), "in time");
}

TEST(QmpChannel, ThrowsWhenQemuHasEnded) {
  Peer peer(after_negotiation([](const std::string&) { return ""; }), greeting);
  vm::Qmp qmp(peer.take());
  peer.hang_up();
  EXPECT_EQ(error_of([&] { qmp.execute("x"); }).code(), ErrorCode::unavailable);
  EXPECT_EQ(error_of([&] { (void)qmp.next_event(soon); }).code(), ErrorCode::unavailable);
}

TEST(QmpChannel, LimitsAnAnswer) {
  Peer peer(
      after_negotiation([](const std::string& line) { return reply(line, std::string(std::size_t{5} << 20U, 'x')); }),
      greeting);
  vm::Qmp qmp(peer.take());
  const auto error = error_of([&] { qmp.execute("x"); });
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_THAT(error.what(), HasSubstr("4194304 bytes"));
}

}  // namespace
}  // namespace rescue::tests
