// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/sessions.hpp"
#include "netboot/service/tasks.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/retention.hpp"
#include "netboot/store/secret_link_rows.hpp"
#include "tests/unit/netboot/stored.hpp"

namespace rescue::netboot {
namespace {

using std::chrono::hours;

constexpr auto day = hours(24);

class KeptRows : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.7"));
  }
  /// Requests and boots a rescue; finishes it if `is_over`.
  void rescue(bool is_over) {
    Sessions sessions(store(), AgentRules{});
    Tasks tasks(store(), AgentRules{});
    auto task = tasks.begin_rescue(web_, rescue_for(hours(4)), false, std::chrono::minutes(30));
    (void)boot();
    const auto token = sessions.mint(MacAddress::parse("52:54:00:00:00:01"), "203.0.113.7");
    const auto id = sessions.redeem(token.token.reveal(), hash_of(token.token.reveal())).session.id;
    if (!is_over) return;
    (void)sessions.report(id, {"finished", "{}", ""});
    end(task, TaskState::succeeded, store().now());
    (void)tasks.save(task);
    (void)leases().end(web_, "admin");
  }
  long long count(const std::string& table) const {
    long long rows = 0;
    auto session = sql();
    session << "SELECT COUNT(*) FROM " + table, soci::into(rows);
    return rows;
  }
  using Counts = std::vector<long long>;
  Counts counts() const { return {count("tasks"), count("sessions"), count("leases"), count("boot_tokens")}; }
  Removed remove() { return remove_old_rows(store(), RetentionLimits{}); }
};

TEST_F(KeptRows, AreThoseOfWhatIsOverForAWhile) {
  rescue(true);
  EXPECT_EQ(remove().boot_tokens, 0U);
  clock_.advance(day + hours(1));
  EXPECT_EQ(remove().boot_tokens, 1U);
  EXPECT_EQ(counts(), (Counts{1, 1, 1, 0}));
  clock_.advance(day * 88);
  (void)remove();
  EXPECT_EQ(counts(), (Counts{1, 1, 1, 0}));
  clock_.advance(day * 2);
  const auto removed = remove();
  EXPECT_EQ(removed.tasks, 1U);
  EXPECT_EQ(removed.sessions, 1U);
  EXPECT_EQ(counts(), (Counts{0, 0, 1, 0}));
  clock_.advance(day * 310);
  EXPECT_EQ(remove().leases, 1U);
  EXPECT_EQ(counts(), (Counts{0, 0, 0, 0}));
  EXPECT_EQ(count("rescue_requests"), 0);
  EXPECT_EQ(servers().state(web_).mode, BootMode::disk);
  rescue(true);
}

TEST_F(KeptRows, AreThoseOfWhatIsNotOver) {
  rescue(false);
  clock_.advance(day * 1000);
  (void)remove();
  EXPECT_EQ(counts(), (Counts{1, 1, 1, 0})) << "the lease that the server has, its session, and the task";
  (void)leases().grant(web_, rescue_for(hours(1)));
  (void)remove();
  EXPECT_EQ(counts(), (Counts{1, 1, 2, 0})) << "its lease has ended just now";
  clock_.advance(day * 91);
  (void)remove();
  EXPECT_EQ(counts(), (Counts{1, 0, 2, 0})) << "nothing was heard of the session for long, and its lease is over";
}

TEST_F(KeptRows, AreAllOfThemWhereTheAgeIsNought) {
  rescue(true);
  clock_.advance(day * 1000);
  RetentionLimits forever;
  forever.tasks = forever.sessions = forever.leases = forever.boot_tokens = forever.secrets = Milliseconds(0);
  const auto removed = remove_old_rows(store(), forever);
  EXPECT_EQ(removed.tasks + removed.sessions + removed.leases + removed.boot_tokens, 0U);
  EXPECT_EQ(counts(), (Counts{1, 1, 1, 1}));
}

TEST_F(KeptRows, AreNotThoseThatTookManyTransactionsToRemove) {
  rescue(true);
  sql() << "INSERT INTO boot_tokens (hash, server, lease, boot, expires_ms) WITH RECURSIVE numbers (n) AS"
           " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1300)"
           " SELECT 'h' || CAST(n AS TEXT), 'web-01', 1, 1, 0 FROM numbers";
  EXPECT_EQ(remove().boot_tokens, 1300U);
  EXPECT_EQ(counts(), (Counts{1, 1, 1, 1}));
}

TEST_F(KeptRows, AreLookedAtNowAndThen) {
  rescue(true);
  clock_.advance(day * 1000);
  RetentionLimits often;
  often.every = Milliseconds(10);
  const Retention retention(store(), often);
  for (int i = 0; i < 1'000 && counts() != Counts{0, 0, 0, 0}; ++i) {
    std::this_thread::sleep_for(Milliseconds(10));  // polls its thread
  }
  EXPECT_EQ(counts(), (Counts{0, 0, 0, 0}));
}

TEST_F(KeptRows, AreThoseOfExpiredSecretsWithoutTheirBoxes) {
  const auto put = [&](const char* hash, Milliseconds life) {
    store().database().write([&](soci::session& session) {
      SecretLink link{0, web_, "panel-eu", store().now(), store().now() + life, true, "box"};
      rows::insert_secret_link(session, link, hash);
      (void)rows::add_secret_visit(session, link, {VisitKind::opened, store().now(), "192.0.2.66"});
    });
  };
  const auto boxes = [&] {
    long long count = 0;
    sql() << "SELECT COUNT(*) FROM secret_links WHERE box <> ''", soci::into(count);
    return count;
  };
  put("a", hours(1));
  put("b", hours(3));
  EXPECT_EQ(remove().boxes, 0U);
  clock_.advance(hours(2));
  EXPECT_EQ(remove().boxes, 1U);
  EXPECT_EQ(boxes(), 1) << "the one that has not expired";
  EXPECT_EQ(count("secret_links"), 2);
  clock_.advance(day * 90);
  EXPECT_EQ(remove().secrets, 1U);
  EXPECT_EQ(count("secret_links"), 1);
  EXPECT_EQ(count("secret_visits"), 1);
  clock_.advance(day);
  EXPECT_EQ(remove().secrets, 1U);
  EXPECT_EQ(count("secret_visits"), 0);
}

}  // namespace
}  // namespace rescue::netboot
