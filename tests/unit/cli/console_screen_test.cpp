// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "orchestrator/cli/console_screen.hpp"
#include "orchestrator/control/status_form.hpp"
#include "tests/doubles/session_world.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <sstream>

namespace rescue::tests {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// Compares with tests/golden/console/NAME; RESCUE_TEST_ACCEPT=1 writes it instead.
void expect_golden(const std::string& name, const std::string& text) {
  const auto path = std::string(RESCUE_GOLDEN_FOLDER "/") + name;
  if (std::getenv("RESCUE_TEST_ACCEPT") != nullptr) write_file_atomically(path, text, 0644);
  EXPECT_EQ(read_file_if_exists(path).value_or("(no such file)"), text) << path;
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 79U) << line;
  EXPECT_LE(count, 24);
}

Json status_of(const domain::SessionRecord& record, const std::string& waiting_for = {}) {
  auto json = control::status_form(record);
  json["waiting_for"] = waiting_for;
  json["control_plane"] = {{"state", "connected"}, {"problem", ""}, {"hint", ""}};
  return json;
}

const std::vector<std::string> addresses = {"203.0.113.10", "2001:db8::10"};

TEST(ConsoleScreen, OfASessionThatServes) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  expect_golden("serving.txt", cli::console_screen(status_of(session.record()), addresses));
}

TEST(ConsoleScreen, OfATicketWhoseHelperAsks) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  auto status = status_of(session.record());
  status["ticket"] = {{"open", true},
                      {"port", 21300},
                      {"number", "4821-0937-5526-1408"},
                      {"asking",
                       {{"id", 7},
                        {"name", "anna\033[2J"},
                        {"address", "198.51.100.9"},
                        {"until", {{"at", "2026-11-21T12:03:04.000Z"}}}}},
                      {"connected", {{{"id", 6}, {"name", ""}, {"address", "198.51.100.8"}}}}};
  expect_golden("ticket.txt", cli::console_screen(status, addresses));
}

TEST(ConsoleScreen, NamesTheKeysOfTheGuestsScreenWhileItIsShown) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  const auto status = status_of(session.record());
  expect_golden("serving-on-screen.txt", cli::console_screen(status, addresses, true));
  EXPECT_THAT(cli::console_screen(status, addresses, false), Not(HasSubstr("Alt+F7")));
}

TEST(ConsoleScreen, OfASessionOnItsWay) {
  SessionWorld world;
  domain::SessionRecord record;
  world.announcer.somebody_waits = false;
  auto& session = world.fresh_session();
  session.start({});
  record = session.record();
  record.phase = domain::Phase::starting;
  record.steps.resize(7);
  record.steps.back().state = domain::StepState::begun;
  expect_golden("starting.txt", cli::console_screen(status_of(record, "the guest agent"), addresses));
}

TEST(ConsoleScreen, OfASessionThatFailed) {
  SessionWorld world;
  world.host.answer.memory_mib = 4096;
  auto& session = world.fresh_session();
  EXPECT_THROW(session.start({}), Error);
  expect_golden("failed.txt", cli::console_screen(status_of(session.record()), addresses));
}

TEST(ConsoleScreen, OfAHostThatNobodyAsksAnythingOf) {
  domain::SessionRecord record;
  record.server = "web-42";
  auto status = status_of(record);
  status["control_plane"] = {{"state", "refused"},
                             {"problem", "the boot token is refused: it was used by another"},
                             {"hint", "Start the session by hand: `rescuectl start --wait`."}};
  expect_golden("refused.txt", cli::console_screen(status, addresses));
}

TEST(ConsoleScreen, OfRescuedThatDoesNotAnswer) {
  expect_golden("silent.txt", cli::console_screen(nullptr, addresses));
}

TEST(ConsoleScreen, IsNotDrawnOverByWhatAGuestSays) {
  domain::SessionRecord record;
  record.warnings = {{{}, "the guest says \033[2J\nand more"}};
  const auto screen = cli::console_screen(status_of(record), {});
  EXPECT_THAT(screen, HasSubstr("the guest says ?[2J?and more"));
}

}  // namespace
}  // namespace rescue::tests
