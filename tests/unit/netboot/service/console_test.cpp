// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/console/consoles.hpp"
#include "netboot/service/audit_log.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/session_rows.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace rescue::netboot {
namespace {

constexpr Milliseconds ten_minutes{600'000};
constexpr auto here = "http://192.0.2.10:8470";
constexpr auto elsewhere = "http://192.0.2.11:8470";

class Console : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    servers().add(server_named("web-01"));
    servers().add(server_named("db-01", "52:54:00:00:00:02"));
    begin_session("web-01", "s-1");
    consoles_.emplace(store());
  }
  void TearDown() override {
    consoles_.reset();
    Stored::TearDown();
  }
  void begin_session(const std::string& server, const std::string& id) {
    const auto name = ServerName::parse(server);
    store().database().write([&](soci::session& session, ChangeSet& changed) {
      const auto lease = rows::grant_lease(session, server, rescue_for(std::chrono::hours(4)), store().now());
      AgentSession made{id, name, lease.id, 1, store().now(), store().now()};
      rows::insert_session(session, made, "hash of " + id);
      changed.session(id, server);
    });
  }
  void end_session(const std::string& id) {
    store().database().write([&](soci::session& session) {
      auto found = rows::require_session(session, id);
      found.ended = store().now();
      rows::update_session(session, found);
    });
  }
  [[nodiscard]] static Acting visitor(const std::string& address = "198.51.100.7") {
    Acting acting;
    acting.request_id = "request-1";
    acting.method = "GET";
    acting.route = "/v1/console";
    acting.peer = address;
    return acting;
  }
  Consoles::NewPass pass(ConsoleRole role = ConsoleRole::control) {
    return consoles_->make(web_, role, ten_minutes, "panel-eu");
  }
  OpenedConsole open(const Secret& secret) { return consoles_->open(secret.reveal(), visitor(), here); }
  OpenedConsole resume(const Secret& token, const std::string& at = here) {
    return consoles_->resume(token.reveal(), visitor("198.51.100.8"), at);
  }
  static Consoles::Connection of(const OpenedConsole& opened) { return {opened.viewer.id, opened.viewer.connection}; }
  /// Outcome of opening: "open", or the error's code; "gone" for ConsoleGone.
  template <class Action>
  static std::string outcome(Action action) {
    try {
      (void)action();
      return "open";
    } catch (const ConsoleGone&) {
      return "gone";
    } catch (const Error& error) {
      return std::string(name_of(error.code()));
    }
  }
  std::string state(const ConsolePass& pass) {
    return std::string(name_of(state_of(consoles_->find(pass.id), store().now())));
  }
  std::vector<std::string> audited() {
    std::vector<std::string> all;
    AuditQuery query;
    query.server = "web-01";
    for (const auto& entry : AuditLog(store()).find(query)) {
      all.insert(all.begin(), fmt::format("{} {} {}", entry.by.who, entry.by.peer, entry.after));
    }
    return all;
  }

  std::optional<Consoles> consoles_;
};

TEST_F(Console, IsOpenedOnceByItsPass) {
  const auto made = pass();
  EXPECT_EQ(state(made.pass), "waiting");
  const auto opened = open(made.secret);
  EXPECT_EQ(opened.viewer.session, "s-1");
  EXPECT_EQ(opened.viewer.role, ConsoleRole::control);
  EXPECT_EQ(opened.viewer.address, "198.51.100.7");
  ASSERT_EQ(opened.viewers.size(), 1U);
  EXPECT_TRUE(opened.session_ends);
  EXPECT_EQ(state(made.pass), "used");
  EXPECT_EQ(outcome([&] { return open(made.secret); }), "gone");
  EXPECT_EQ(outcome([&] { return open(Secret("rescue_unknown")); }), "not-found");
}

TEST_F(Console, PassEndsByTimeRevocationAndSession) {
  const auto late = pass();
  clock_.advance(ten_minutes);
  EXPECT_EQ(state(late.pass), "expired");
  EXPECT_EQ(outcome([&] { return open(late.secret); }), "gone");
  const auto revoked = pass();
  consoles_->revoke(revoked.pass.id, "panel-eu");
  consoles_->revoke(revoked.pass.id, "somebody else");
  EXPECT_EQ(consoles_->find(revoked.pass.id).revoked_by, "panel-eu");
  EXPECT_EQ(outcome([&] { return open(revoked.secret); }), "gone");
  const auto left = pass();
  end_session("s-1");
  EXPECT_EQ(outcome([&] { return open(left.secret); }), "gone");
  begin_session("web-01", "s-2");
  EXPECT_EQ(outcome([&] { return open(left.secret); }), "gone") << "another session of the same server";
}

TEST_F(Console, NeedsASession) {
  EXPECT_EQ(
      outcome([&] { return consoles_->make(ServerName::parse("db-01"), ConsoleRole::view, ten_minutes, "panel-eu"); }),
      "conflict");
  EXPECT_EQ(outcome([&] {
              return consoles_->make(ServerName::parse("unknown"), ConsoleRole::view, ten_minutes, "panel-eu");
            }),
            "not-found");
}

TEST_F(Console, IsResumedAfterItsConnectionBroke) {
  auto opened = open(pass().secret);
  consoles_->label(of(opened), "Anna\n\x1b[31m");
  consoles_->broken(of(opened));
  EXPECT_TRUE(consoles_->scene(web_).viewers.empty());
  clock_.advance(resume_window);
  const auto again = resume(opened.resume, elsewhere);
  EXPECT_EQ(again.viewer.id, opened.viewer.id);
  EXPECT_EQ(connection_id(again.viewer), fmt::format("v-{}.2", opened.viewer.id));
  EXPECT_EQ(again.viewer.label, "Anna \\x1b[31m");
  const auto scene = consoles_->scene(web_);
  ASSERT_EQ(scene.viewers.size(), 1U);
  EXPECT_EQ(scene.viewers[0].relay_url, elsewhere) << "frames go through the netbootd that has the browser";
}

TEST_F(Console, TokenOfALostAnswerStillResumes) {
  const auto opened = open(pass().secret);
  const auto lost = resume(opened.resume);
  const auto again = resume(opened.resume);
  EXPECT_EQ(again.viewer.connection, 3);
  EXPECT_EQ(outcome([&] { return resume(lost.resume); }), "not-found") << "nobody has it";
  EXPECT_EQ(outcome([&] { return resume(again.resume); }), "open");
  EXPECT_EQ(outcome([&] { return resume(opened.resume); }), "not-found") << "used up by the next one";
}

TEST_F(Console, IsOverWhenItWasBrokenForTooLong) {
  const auto opened = open(pass().secret);
  consoles_->broken(of(opened));
  clock_.advance(resume_window + Milliseconds(1));
  EXPECT_EQ(outcome([&] { return resume(opened.resume); }), "gone");
  consoles_->end_what_is_broken(resume_window);
  EXPECT_EQ(consoles_->viewer(opened.viewer.id)->end_reason, "broken");
}

TEST_F(Console, OfANetbootdThatDiedEndsToo) {
  const auto opened = open(pass().secret);
  clock_.advance(viewer_silence + Milliseconds(1));
  EXPECT_TRUE(consoles_->scene(web_).viewers.empty());
  consoles_->end_what_is_broken(resume_window);
  EXPECT_FALSE(consoles_->viewer(opened.viewer.id)->ended) << "its browser may resume elsewhere";
  clock_.advance(3 * resume_window);
  consoles_->end_what_is_broken(resume_window);
  EXPECT_TRUE(consoles_->viewer(opened.viewer.id)->ended);
}

TEST_F(Console, StaysOpenWhileItsNetbootdConfirmsIt) {
  const auto opened = open(pass().secret);
  for (int i = 0; i < 10; ++i) {
    clock_.advance(viewer_silence - Milliseconds(1));
    consoles_->touch({of(opened)});
  }
  EXPECT_EQ(consoles_->scene(web_).viewers.size(), 1U);
  consoles_->end_what_is_broken(resume_window);
  EXPECT_FALSE(consoles_->viewer(opened.viewer.id)->ended);
}

TEST_F(Console, EarlierConnectionChangesNothing) {
  const auto opened = open(pass().secret);
  const auto again = resume(opened.resume);
  consoles_->broken(of(opened));
  consoles_->end(of(opened), ConsoleEnd::protocol);
  consoles_->label(of(opened), "late");
  const auto now = consoles_->viewer(again.viewer.id).value();
  EXPECT_FALSE(now.broken);
  EXPECT_FALSE(now.ended);
  EXPECT_EQ(now.label, "");
}

TEST_F(Console, HasEightViewersAtMost) {
  std::vector<OpenedConsole> all;
  for (std::size_t i = 0; i < most_viewers; ++i) all.push_back(open(pass(ConsoleRole::view).secret));
  const auto more = pass();
  EXPECT_EQ(outcome([&] { return open(more.secret); }), "conflict");
  consoles_->end(of(all.front()), ConsoleEnd::refused);
  EXPECT_EQ(outcome([&] { return open(more.secret); }), "open") << "the refused pass was not used up";
}

TEST_F(Console, EndsWhenItsPassIsRevoked) {
  const auto made = pass();
  const auto opened = open(made.secret);
  consoles_->revoke(made.pass.id, "panel-eu");
  EXPECT_EQ(consoles_->viewer(opened.viewer.id)->end_reason, "revoked");
  EXPECT_EQ(outcome([&] { return resume(opened.resume); }), "gone");
}

TEST_F(Console, IsInTheAuditLogAndItsSecretsAreNowhere) {
  const auto made = pass();
  const auto opened = open(made.secret);
  const auto again = resume(opened.resume);
  consoles_->end(of(again), ConsoleEnd::session_ended);
  const auto entries = audited();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_NE(entries[0].find("console c-1 198.51.100.7 "), std::string::npos) << entries[0];
  EXPECT_NE(entries[1].find("198.51.100.8"), std::string::npos);
  EXPECT_NE(entries[2].find(R"("state":"closed")"), std::string::npos) << entries[2];
  std::string everything;
  for (const auto* const table : {"console_passes", "console_viewers"}) {
    auto session = sql();
    const soci::rowset<soci::row> found = (session.prepare << fmt::format("SELECT * FROM {}", table));
    for (const auto& row : found) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row.get_properties(i).get_data_type() == soci::dt_string && row.get_indicator(i) == soci::i_ok) {
          everything += row.get<std::string>(i) + "\n";
        }
      }
    }
  }
  for (const auto* const secret : {&made.secret, &opened.resume, &again.resume}) {
    EXPECT_EQ(everything.find(secret->reveal()), std::string::npos);
    for (const auto& entry : entries) EXPECT_EQ(entry.find(secret->reveal()), std::string::npos);
  }
}

TEST_F(Console, GoesWithItsServer) {
  const auto made = pass();
  (void)open(made.secret);
  end_session("s-1");
  servers().remove(web_, std::nullopt, std::nullopt, true);
  EXPECT_EQ(outcome([&] { return consoles_->find(made.pass.id); }), "not-found");
}

}  // namespace
}  // namespace rescue::netboot
