// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "delivered.hpp"
#include "netboot/service/deliveries.hpp"
#include "netboot/store/retention.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <set>

namespace rescue::netboot {
namespace {

using Outcome = DeliveryAttempt::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DeliveryQueue : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    servers().add(server_named("web-01"));
    open_queue();
  }
  void TearDown() override {
    queue_.reset();
    Stored::TearDown();
  }
  void open_queue() { queue_ = std::make_unique<Deliveries>(store(), folder_ + "/secrets.key", rules_); }
  [[nodiscard]] Deliveries& queue() { return *queue_; }
  /// Claims the mail's next record, which must be due.
  DeliveryRecord claimed(const std::string& receiver = "mail") {
    auto record = queue().claim(receiver, claim_);
    if (record) return *std::move(record);
    ADD_FAILURE() << "nothing is due for " << receiver;
    return {0, web_};
  }
  /// As `sample_access`, now.
  [[nodiscard]] AccessDelivery access_now() {
    auto access = sample_access();
    access.facts.link_expires = store().now() + std::chrono::hours(48);
    access.facts.ends = store().now() + std::chrono::hours(4);
    return access;
  }
  [[nodiscard]] std::string box_of(long long id) const {
    std::string box;
    sql() << "SELECT box FROM deliveries WHERE id = :id", soci::use(id), soci::into(box);
    return box;
  }
  [[nodiscard]] long long clock_milliseconds() {
    return std::chrono::duration_cast<Milliseconds>(store().now().time_since_epoch()).count();
  }
  [[nodiscard]] Milliseconds pause_of(long long id) {
    return std::chrono::duration_cast<Milliseconds>(queue().find(id).due - store().now());
  }

  /// Session s-1 of the latest lease.
  void insert_session() {
    const auto now = clock_milliseconds();
    sql() << "INSERT INTO sessions (id, server, lease, boot, agent_hash, began_ms, heard_ms, revoked, phase, report,"
             " connection, sealed) VALUES ('s-1', 'web-01', (SELECT MAX(id) FROM leases), 1, 'h', :now, :heard, '',"
             " 'serving', '{}', '{}', '')",
        soci::use(now), soci::use(now);
  }

  const Milliseconds claim_{60'000};
  DeliveryRules rules_{{{"mail", ReceiverKind::mail},
                        {"panel", ReceiverKind::webhook, false, false},
                        {"sms", ReceiverKind::webhook, false, true},
                        {"helpdesk", ReceiverKind::drop_folder}},
                       {}};
  std::unique_ptr<Deliveries> queue_;
};

TEST_F(DeliveryQueue, HasARecordForEachReceiverWithTheSecretsThatItMayHave) {
  auto access = access_now();
  access.facts.code_policy = contract::CodePolicy::webhook;
  access.facts.code = Secret(std::string_view(sample_code));
  ASSERT_EQ(queue().enqueue(access).size(), 4U);
  const auto facts_of = [this](const char* receiver) { return queue().open(claimed(receiver)); };
  const auto mail = facts_of("mail");
  EXPECT_EQ(mail.link.reveal(), sample_link);
  EXPECT_TRUE(mail.code.empty()) << "never with the link";
  EXPECT_EQ(mail.connection.user, "Administrator");
  EXPECT_EQ(mail.connection.addresses.size(), 2U);
  EXPECT_EQ(mail.ends, access.facts.ends);
  const auto panel = facts_of("panel");
  EXPECT_TRUE(panel.link.empty());
  EXPECT_TRUE(panel.code.empty());
  const auto sms = facts_of("sms");
  EXPECT_TRUE(sms.link.empty());
  EXPECT_EQ(sms.code.reveal(), sample_code);
  const auto helpdesk = facts_of("helpdesk");
  EXPECT_TRUE(helpdesk.link.empty());
  EXPECT_TRUE(helpdesk.code.empty());
}

TEST_F(DeliveryQueue, GivesTheCodeToNobodyWhereThePolicySaysSo) {
  auto access = access_now();
  access.facts.code = Secret(std::string_view(sample_code));
  (void)queue().enqueue(access);
  EXPECT_TRUE(queue().open(claimed("sms")).code.empty()) << "the panel shows it";
  rules_.receivers.pop_back();
  rules_.receivers.pop_back();
  open_queue();
  access.facts.code_policy = contract::CodePolicy::webhook;
  EXPECT_EQ(code_of([&] { (void)queue().enqueue(access); }), ErrorCode::precondition) << "it would reach nobody";
}

TEST_F(DeliveryQueue, TakesTheSameLinkOnce) {
  EXPECT_EQ(queue().enqueue(access_now()).size(), 4U);
  EXPECT_EQ(queue().enqueue(access_now()).size(), 0U);
  auto other = access_now();
  other.facts.link = Secret(std::string_view("https://rescue.provider.example/s/b#c"));
  EXPECT_EQ(queue().enqueue(other).size(), 4U) << "issued again";
  other.server = ServerName::parse("nobody");
  other.facts.link = Secret(std::string_view("https://rescue.provider.example/s/c#c"));
  EXPECT_EQ(code_of([&] { (void)queue().enqueue(other); }), ErrorCode::not_found);
}

TEST_F(DeliveryQueue, SendsNoLinkThatWasReplacedOrWhoseSessionHasEnded) {
  (void)leases().grant(web_, rescue_for(std::chrono::hours(1)));
  insert_session();
  const auto first = queue().enqueue(access_now()).at(0);
  EXPECT_FALSE(queue().is_superseded(first));
  auto other = access_now();
  other.facts.link = Secret(std::string_view("https://rescue.provider.example/s/b#c"));
  const auto second = queue().enqueue(other).at(0);
  EXPECT_TRUE(queue().is_superseded(first));
  EXPECT_FALSE(queue().is_superseded(second));
  const Notice notice{web_, "s-1", {"anna@customer.example", "fr"}, store().now() + std::chrono::minutes(30)};
  const auto warning = queue().notify_end_soon(notice).at(0);
  const auto ended = clock_milliseconds();
  sql() << "UPDATE sessions SET ended_ms = :now", soci::use(ended);
  EXPECT_TRUE(queue().is_superseded(second));
  EXPECT_FALSE(queue().is_superseded(warning)) << "it has no link";
}

TEST_F(DeliveryQueue, AnnouncesEachEndOnce) {
  Notice notice{web_, "s-1", {"anna@customer.example", "fr"}, store().now() + std::chrono::minutes(30)};
  EXPECT_EQ(queue().notify_end_soon(notice).size(), 3U) << "not to the folder";
  EXPECT_EQ(queue().notify_end_soon(notice).size(), 0U);
  notice.ends = store().now() + std::chrono::hours(2);
  EXPECT_EQ(queue().notify_end_soon(notice).size(), 3U) << "it was extended";
  EXPECT_EQ(queue().notify_ended(notice).size(), 4U) << "the helpdesk's files go too";
  EXPECT_EQ(queue().notify_ended(notice).size(), 0U);
  notice.notify.address.clear();
  notice.session = "s-2";
  EXPECT_EQ(queue().notify_ended(notice).size(), 3U) << "no mail without an address";
}

TEST_F(DeliveryQueue, AnnouncesTheEndsOfSessionsThatWereDelivered) {
  (void)leases().grant(web_, rescue_for(std::chrono::hours(1)));
  insert_session();
  (void)queue().enqueue(access_now());
  EXPECT_EQ(queue().announce_ends(std::chrono::minutes(30)), 0U) << "an hour is left";
  clock_.advance(std::chrono::minutes(31));
  EXPECT_EQ(queue().announce_ends(Milliseconds(0)), 0U) << "turned off";
  EXPECT_EQ(queue().announce_ends(std::chrono::minutes(30)), 3U);
  EXPECT_EQ(queue().announce_ends(std::chrono::minutes(30)), 0U);
  const auto soon = queue().of_server(web_, 1'000, 1).at(0);
  EXPECT_EQ(soon.kind, DeliveryKind::ends_soon);
  EXPECT_EQ(soon.language, "de");
  const auto ended = clock_milliseconds();
  sql() << "UPDATE sessions SET ended_ms = :now", soci::use(ended);
  EXPECT_EQ(queue().announce_ends(std::chrono::minutes(30)), 4U);
  EXPECT_EQ(queue().announce_ends(std::chrono::minutes(30)), 0U);
  EXPECT_EQ(queue().of_server(web_, 1'000, 1).at(0).kind, DeliveryKind::ended);
}

TEST_F(DeliveryQueue, WipesWhatWasSent) {
  (void)queue().enqueue(access_now());
  const auto record = claimed();
  EXPECT_NE(box_of(record.id), "");
  EXPECT_THAT(box_of(record.id), ::testing::Not(HasSubstr("provider.example")));
  EXPECT_TRUE(queue().attempted(record, {Outcome::done, "250 OK"}));
  const auto after = queue().find(record.id);
  EXPECT_EQ(after.state, DeliveryState::sent);
  EXPECT_EQ(after.result, "250 OK");
  EXPECT_EQ(after.attempts, 1);
  EXPECT_EQ(after.ended, store().now());
  EXPECT_EQ(box_of(record.id), "");
  EXPECT_FALSE(queue().claim("mail", claim_)) << "it is over";
}

TEST_F(DeliveryQueue, RetriesWithPausesThatDoubleUntilItIsTooOld) {
  (void)queue().enqueue(access_now());
  std::vector<long long> pauses;
  DeliveryRecord record{0, web_};
  while (true) {
    record = claimed();
    clock_.advance(Milliseconds(1'000));
    ASSERT_TRUE(queue().attempted(record, {Outcome::retry, "451 later"}));
    if (queue().find(record.id).state != DeliveryState::waiting) break;
    pauses.push_back(pause_of(record.id).count() / 1'000);
    EXPECT_FALSE(queue().claim("mail", claim_)) << "not before its time";
    clock_.advance(pause_of(record.id));
    ASSERT_LT(pauses.size(), 1'000U);
  }
  ASSERT_GT(pauses.size(), 8U);
  EXPECT_THAT(std::vector<long long>(pauses.begin(), pauses.begin() + 8),
              ElementsAre(10, 20, 40, 80, 160, 320, 600, 600));
  const auto after = queue().find(record.id);
  EXPECT_EQ(after.state, DeliveryState::failed);
  EXPECT_EQ(after.result, "451 later") << "the reason of the last attempt";
  EXPECT_EQ(box_of(record.id), "");
  const auto age = store().now() - record.created;
  EXPECT_LE(age, rules_.retry.age);
  EXPECT_GT(age, rules_.retry.age - rules_.retry.longest - Milliseconds(2'000));
}

TEST_F(DeliveryQueue, FailsAtOnceWhatIsRefusedForGood) {
  (void)queue().enqueue(access_now());
  const auto record = claimed();
  EXPECT_TRUE(queue().attempted(record, {Outcome::refused, "550 no such mailbox\r\n\x1b[2J"}));
  const auto after = queue().find(record.id);
  EXPECT_EQ(after.state, DeliveryState::failed);
  EXPECT_EQ(after.result, "550 no such mailbox \\x1b[2J");
  EXPECT_EQ(box_of(record.id), "");
}

TEST_F(DeliveryQueue, EndsWithTheLinkAtTheLatest) {
  auto access = access_now();
  access.facts.link_expires = store().now() + std::chrono::minutes(5);
  const auto queued = queue().enqueue(access);
  EXPECT_EQ(queued.at(0).expires, access.facts.link_expires);
  clock_.advance(std::chrono::minutes(6));
  EXPECT_EQ(queue().fail_expired(), 4U);
  EXPECT_EQ(queue().find(queued.at(0).id).state, DeliveryState::failed);
  EXPECT_EQ(box_of(queued.at(0).id), "");
  EXPECT_EQ(queue().fail_expired(), 0U);
}

TEST_F(DeliveryQueue, IsWorkedOffByOneNetbootdAtATime) {
  rules_.receivers.resize(1);
  open_queue();
  std::set<long long> queued;
  constexpr int count = 20;
  for (int i = 0; i < count; ++i) {
    auto access = access_now();
    access.facts.link = Secret(std::string_view("https://rescue.provider.example/s/" + std::to_string(i)));
    queued.insert(queue().enqueue(access).at(0).id);
  }
  Store second(settings(), LeaseLimits{}, clock_);
  Deliveries other(second, folder_ + "/secrets.key", rules_);
  std::mutex mutex;
  std::multiset<long long> taken;
  const auto work = [&](Deliveries& deliveries) {
    for (int misses = 0; misses < 3;) {
      const auto record = deliveries.claim("mail", claim_);
      if (!record) {
        ++misses;
        continue;
      }
      misses = 0;
      const std::lock_guard lock(mutex);
      taken.insert(record->id);
    }
  };
  auto theirs = std::async(std::launch::async, [&] { work(other); });
  work(queue());
  theirs.get();
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(std::set<long long>(taken.begin(), taken.end()), queued);
}

TEST_F(DeliveryQueue, IsTakenOverFromANetbootdThatDied) {
  rules_.receivers.resize(1);
  open_queue();
  (void)queue().enqueue(access_now());
  const auto lost = claimed();
  Store second(settings(), LeaseLimits{}, clock_);
  Deliveries other(second, folder_ + "/secrets.key", rules_);
  EXPECT_FALSE(other.claim("mail", claim_));
  clock_.advance(claim_ + Milliseconds(1));
  const auto heir = other.claim("mail", claim_);
  ASSERT_TRUE(heir);
  EXPECT_EQ(heir->attempts, 2) << "the attempt of the dead counts";
  EXPECT_FALSE(queue().attempted(lost, {Outcome::refused, "late"})) << "it has lost the claim";
  EXPECT_TRUE(other.attempted(*heir, {Outcome::done, "250 OK"}));
  EXPECT_EQ(queue().find(lost.id).state, DeliveryState::sent);
}

TEST_F(DeliveryQueue, IsClaimedAgainAtOnceAfterARestart) {
  (void)queue().enqueue(access_now());
  const auto lost = claimed();
  queue_.reset();
  open();
  open_queue();
  EXPECT_FALSE(queue().claim("mail", claim_));
  queue().abandon_all();
  const auto again = queue().claim("mail", claim_);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, lost.id);
  EXPECT_EQ(queue().open(*again).link.reveal(), sample_link) << "it was sealed in the database";
}

TEST_F(DeliveryQueue, NotesBouncesByTheirReturnPath) {
  (void)queue().enqueue(access_now());
  const auto record = claimed();
  const auto path = return_path("bounces+{id}@provider.example", record.tag);
  EXPECT_EQ(queue().of_return_path(path).id, record.id);
  EXPECT_EQ(code_of([&] { (void)queue().bounce(record.id, "early"); }), ErrorCode::conflict) << "it was not sent";
  EXPECT_TRUE(queue().attempted(record, {Outcome::done, "250 OK"}));
  EXPECT_EQ(queue().bounce(record.id, "5.1.1 unknown user").state, DeliveryState::bounced);
  EXPECT_EQ(queue().bounce(record.id, "again").result, "5.1.1 unknown user");
  for (const auto* const foreign : {"bounces@provider.example", "bounces+0123456789abcdef@provider.example", "",
                                    "bounces+%' OR 1=1@provider.example"}) {
    EXPECT_EQ(code_of([&] { (void)queue().of_return_path(foreign); }), ErrorCode::not_found) << foreign;
  }
}

TEST_F(DeliveryQueue, ResendsOnlyWhatWaits) {
  (void)queue().enqueue(access_now());
  auto record = claimed();
  EXPECT_TRUE(queue().attempted(record, {Outcome::retry, "no connection"}));
  EXPECT_FALSE(queue().claim("mail", claim_));
  (void)queue().resend(record.id);
  record = claimed();
  EXPECT_TRUE(queue().attempted(record, {Outcome::done, "250 OK"}));
  EXPECT_EQ(code_of([&] { (void)queue().resend(record.id); }), ErrorCode::conflict) << "its text is wiped";
  EXPECT_EQ(code_of([&] { (void)queue().resend(4711); }), ErrorCode::not_found);
}

TEST_F(DeliveryQueue, RefusesABoxOfAnotherRecord) {
  (void)queue().enqueue(access_now());
  const auto mail = claimed("mail");
  auto panel = claimed("panel");
  panel.box = mail.box;
  EXPECT_EQ(code_of([&] { (void)queue().open(panel); }), ErrorCode::precondition);
}

TEST_F(DeliveryQueue, IsRemovedWithItsServerAndByRetention) {
  (void)queue().enqueue(access_now());
  EXPECT_TRUE(queue().attempted(claimed(), {Outcome::done, "250 OK"}));
  clock_.advance(std::chrono::hours(24 * 91));
  EXPECT_EQ(remove_old_rows(store(), {}).deliveries, 1U) << "the others wait still";
  servers().remove(web_);
  servers().add(server_named("web-01"));
  EXPECT_TRUE(queue().of_server(web_, 1'000, 10).empty());
}

}  // namespace
}  // namespace rescue::netboot
