// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tasks of one command to a host agent, turn by turn.
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "netboot/service/session_guard.hpp"
#include "netboot/store/database.hpp"
#include "netboot/tasks/advance.hpp"
#include "tests/unit/netboot/stored.hpp"

namespace rescue::netboot {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class CommandTask : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.7"));
    auto lease = rescue_for(hours(1));
    lease.rescue.public_key = base64_of(make_box_keys().public_key);
    (void)leases().grant(web_, lease);
    (void)boot();
    session_ = begin_session("203.0.113.7");
    report("{}");
  }
  void report(const std::string& text, std::optional<long long> done = {}) {
    Report report{"serving", text, {}};
    report.done_command = done;
    (void)Sessions(store(), {}).report(session_, report);
  }
  [[nodiscard]] Tasks tasks() { return {store(), AgentRules{}}; }
  Task begin() {
    return tasks().begin_ticket(web_, {credentials::TicketRole::view, false, 21300}, "panel-eu", seconds(60));
  }
  /// Does one turn of the server's task.
  Task advanced(long long id) {
    Sessions sessions(store(), {});
    auto tasks = this->tasks();
    BmcAccess bmcs([](const BmcEndpoint&, Secret) -> std::unique_ptr<Bmc> { return nullptr; },
                   KeyFile(folder_ + "/secrets.key"), {}, system_, {});
    TaskTools tools{store(), sessions, tasks, bmcs};
    TaskChoice choice;
    choice.server = "web-01";
    auto claimed = tasks.claim(choice, seconds(60));
    EXPECT_TRUE(claimed);
    if (!claimed) return tasks.find(id);
    TaskTurn turn;
    auto work = carry_out(*claimed, tools, turn);
    while (work.go_on()) {
    }
    return tasks.find(id);
  }
  [[nodiscard]] std::optional<AgentCommand> command() { return Sessions(store(), {}).find(session_).value().command; }

  SystemClock system_;
  std::string session_;
};

TEST_F(CommandTask, ReachesTheHostWithItsOrderAndSucceedsAsItReports) {
  const auto id = begin().id;
  EXPECT_EQ(advanced(id).state, TaskState::running);
  open();  // another netbootd
  const auto sent = command().value();
  EXPECT_EQ(sent.id, id);
  EXPECT_EQ(sent.kind, "open-ticket");
  EXPECT_EQ(sent.ticket, (TicketOrder{credentials::TicketRole::view, false, 21300}));
  EXPECT_EQ(advanced(id).state, TaskState::running) << "nothing was reported yet";
  report(fmt::format(R"({{"command": {{"id": {}}}}})", id), id);
  EXPECT_FALSE(command());
  const auto ended = advanced(id);
  EXPECT_EQ(ended.state, TaskState::succeeded);
  EXPECT_EQ(ended.steps.at(0).detail, "the ticket is open");
}

TEST_F(CommandTask, FailsAsTheHostReports) {
  const auto id = begin().id;
  (void)advanced(id);
  report(fmt::format(R"({{"command": {{"id": {}, "failure": {{"code": "usage", "message": "m", "hint": "h"}}}}}})", id),
         id);
  EXPECT_EQ(advanced(id).error, (TaskError{"usage", "m", "h"}));
}

TEST_F(CommandTask, IsWithdrawnFromAHostThatIsLate) {
  const auto id = begin().id;
  (void)advanced(id);
  clock_.advance(seconds(61));
  report("{}");
  const auto ended = advanced(id);
  EXPECT_EQ(ended.state, TaskState::failed);
  EXPECT_EQ(ended.error.value().code, "timeout");
  EXPECT_FALSE(command()) << "a ticket that nobody waits for";
}

TEST_F(CommandTask, FailsWithItsSession) {
  const auto id = begin().id;
  (void)advanced(id);
  Sessions(store(), {}).revoke(session_, "revoked by admin");
  EXPECT_EQ(advanced(id).error.value().detail, "the session has ended");
}

TEST_F(CommandTask, IsCancelledOnlyBeforeTheHostHasIt) {
  const auto first = begin().id;
  EXPECT_EQ(tasks().cancel(first, "admin").state, TaskState::cancelled);
  const auto second = begin().id;
  (void)advanced(second);
  EXPECT_EQ(code_of([&] { (void)tasks().cancel(second, "admin"); }), ErrorCode::conflict);
}

TEST_F(CommandTask, LeavesTheBmcToOthers) {
  (void)begin();
  EXPECT_NO_THROW(store().database().read(
      [](soci::session& session) { guard::refuse_while_at_bmc(session, "web-01", "Or with force."); }));
}

TEST_F(CommandTask, EndsATicket) {
  report(R"({"ticket": {"open": true}})");
  const auto id = tasks().begin_ticket_end(web_, "panel-eu", seconds(60)).id;
  (void)advanced(id);
  EXPECT_EQ(command().value().kind, "end-ticket");
  EXPECT_FALSE(command().value().ticket);
}

}  // namespace
}  // namespace rescue::netboot
