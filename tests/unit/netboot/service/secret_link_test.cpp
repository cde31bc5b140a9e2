// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/events/events.hpp"
#include "netboot/service/audit_log.hpp"
#include "netboot/service/secret_links.hpp"
#include "tests/unit/netboot/sealed_by_maker.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <sys/stat.h>

#include <atomic>
#include <future>
#include <utility>
#include <vector>

namespace rescue::netboot {
namespace {

using Refusal = Reveal::Refusal;

class OneTimeLink : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    servers().add(server_named("web-01"));
    links_ = std::make_unique<SecretLinks>(store(), key_file());
  }
  void TearDown() override {
    links_.reset();
    Stored::TearDown();
  }
  /// Restarts netbootd.
  void open_again() {
    links_.reset();
    open();
    links_ = std::make_unique<SecretLinks>(store(), key_file());
  }
  [[nodiscard]] std::string key_file() const { return folder_ + "/secrets.key"; }
  [[nodiscard]] Acting visitor(const std::string& address = "198.51.100.7") const {
    Acting acting;
    acting.request_id = "request-1";
    acting.method = "POST";
    acting.route = "/v1/links/{link}/reveal";
    acting.peer = address;
    acting.at = store_->now();
    return acting;
  }
  Reveal reveal(const SealedByMaker& made, const Secret& code_proof) {
    return links_->reveal(made.id, made.proofs(code_proof), visitor());
  }
  Reveal click(const SealedByMaker& made) { return links_->reveal(made.id, made.proofs(), visitor()); }
  /// Somebody who knows the link's name only, as a proxy's log has it.
  Reveal reveal_by_name(const SealedByMaker& made, const SealedByMaker& other) {
    return links_->reveal(made.id, other.proofs(made.code ? made.proof() : other.link_proof()), visitor("192.0.2.66"));
  }
  LinkState state(const SecretLink& link) { return state_of(links_->find(link.id), store().now()); }
  [[nodiscard]] std::string box_of(const SecretLink& link) const {
    std::string box;
    sql() << "SELECT box FROM secret_links WHERE id = :id", soci::use(link.id), soci::into(box);
    return box;
  }
  std::vector<std::string> visits(const SecretLink& link) {
    std::vector<std::string> all;
    for (const auto& visit : links_->visits(link.id)) {
      all.push_back(fmt::format("{} {} {}", name_of(visit.kind), visit.address, visit.reason));
    }
    return all;
  }

  std::vector<AuditEntry> audited() {
    AuditQuery query;
    query.server = "web-01";
    return AuditLog(store()).find(query);
  }

  std::unique_ptr<SecretLinks> links_;
};

TEST_F(OneTimeLink, IsRevealedOnceToSomebodyWithTheLinkAndTheCode) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  EXPECT_EQ(state(link), LinkState::waiting);
  clock_.advance(Milliseconds(5'000));
  const auto at = store().now();
  const auto first = reveal(made, made.proof());
  ASSERT_EQ(first.refusal, Refusal::none);
  EXPECT_EQ(made.opened(first.sealed), sealed_text);
  clock_.advance(Milliseconds(5'000));
  const auto second = reveal(made, made.proof());
  EXPECT_EQ(second.refusal, Refusal::state);
  EXPECT_TRUE(second.sealed.is_null());
  EXPECT_EQ(second.link.revealed, at) << "when the first one was";
  const auto row = links_->find(link.id);
  EXPECT_EQ(state(row), LinkState::revealed);
  EXPECT_EQ(row.revealed_to, "198.51.100.7");
  EXPECT_EQ(box_of(link), "") << "the row stays, and the secret does not";
}

TEST_F(OneTimeLink, WithoutACodeNeedsAClickOnly) {
  const SealedByMaker made(false);
  (void)links_->make(web_, made.link(), "panel-eu");
  const auto result = click(made);
  ASSERT_EQ(result.refusal, Refusal::none);
  EXPECT_EQ(made.opened(result.sealed), sealed_text);
}

TEST_F(OneTimeLink, IsNotUsedUpByARobotThatPressesEveryButton) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  for (int i = 0; i < 20; ++i) {
    (void)links_->open(made.id, visitor("192.0.2.66"));
    EXPECT_EQ(click(made).refusal, Refusal::no_code);
  }
  EXPECT_EQ(reveal(made, made.wrong_proof()).refusal, Refusal::wrong_code);
  EXPECT_EQ(links_->find(link.id).wrong_codes, 1) << "clicks without a proof are not guesses";
  EXPECT_EQ(reveal(made, made.proof()).refusal, Refusal::none);
}

TEST_F(OneTimeLink, IsNeitherLockedNorUsedUpByItsNameAlone) {
  const SealedByMaker with_code;
  const SealedByMaker without(false);
  const SealedByMaker other;
  const auto first = links_->make(web_, with_code.link(), "panel-eu");
  const auto second = links_->make(web_, without.link(), "panel-eu");
  for (int i = 0; i < 2 * most_wrong_codes; ++i) {
    for (const auto* const made : {&with_code, &without}) {
      const auto result = reveal_by_name(*made, other);
      EXPECT_EQ(result.refusal, Refusal::wrong_link);
      EXPECT_TRUE(result.sealed.is_null());
    }
  }
  EXPECT_EQ(links_->find(first.id).wrong_codes, 0) << "even with the right proof of the code nothing is counted";
  EXPECT_EQ(visits(second).front(), "refused 192.0.2.66 wrong link");
  EXPECT_EQ(audited().size(), 0U);
  EXPECT_EQ(with_code.opened(reveal(with_code, with_code.proof()).sealed), sealed_text);
  EXPECT_EQ(without.opened(click(without).sealed), sealed_text);
}

TEST_F(OneTimeLink, IsLockedForEverAfterFiveWrongCodes) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  for (int i = 1; i <= most_wrong_codes; ++i) {
    if (i == 3) open_again();
    const auto result = reveal(made, made.wrong_proof());
    EXPECT_EQ(result.refusal, Refusal::wrong_code);
    EXPECT_EQ(result.link.wrong_codes, i) << "also after a restart";
  }
  EXPECT_EQ(state(link), LinkState::locked);
  EXPECT_EQ(reveal(made, made.proof()).refusal, Refusal::state) << "the right code comes too late";
  EXPECT_EQ(box_of(link), "");
}

TEST_F(OneTimeLink, ExpiresAndIsWiped) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  clock_.advance(usual_link_ttl);
  EXPECT_EQ(state(link), LinkState::expired);
  const auto result = reveal(made, made.proof());
  EXPECT_EQ(result.refusal, Refusal::state);
  EXPECT_EQ(state_of(result.link, store().now()), LinkState::expired);
  EXPECT_EQ(box_of(link), "");
}

TEST_F(OneTimeLink, IsRevokedBeforeItIsRevealedAndNotAfter) {
  const SealedByMaker revoked;
  const SealedByMaker revealed(false);
  const auto first = links_->make(web_, revoked.link(), "panel-eu");
  const auto second = links_->make(web_, revealed.link(), "panel-eu");
  for (int i = 0; i < 2; ++i) links_->revoke(first.id, "admin");
  EXPECT_EQ(state(first), LinkState::revoked);
  EXPECT_EQ(links_->find(first.id).revoked_by, "admin");
  EXPECT_EQ(box_of(first), "");
  EXPECT_EQ(reveal(revoked, revoked.proof()).refusal, Refusal::state);
  (void)click(revealed);
  links_->revoke(second.id, "admin");
  EXPECT_EQ(state(second), LinkState::revealed) << "nobody can take back what was handed out";
  EXPECT_EQ(code_of([&] { links_->revoke(99, "admin"); }), ErrorCode::not_found);
}

TEST_F(OneTimeLink, IsRevealedToOneOfManyThatComeAtTheSameTime) {
  Store another(settings(), LeaseLimits{}, clock_);
  SecretLinks there(another, key_file());
  for (int round = 0; round < 5; ++round) {
    const SealedByMaker made;
    (void)links_->make(web_, made.link(), "panel-eu");
    const auto proofs = made.proofs(made.proof());
    std::vector<std::future<Reveal>> attempts;
    for (int i = 0; i < 8; ++i) {
      auto& links = i % 2 == 0 ? *links_ : there;
      attempts.push_back(std::async(std::launch::async, [&] { return links.reveal(made.id, proofs, visitor()); }));
    }
    int revealed = 0;
    for (auto& attempt : attempts) revealed += attempt.get().refusal == Refusal::none ? 1 : 0;
    EXPECT_EQ(revealed, 1);
  }
}

TEST_F(OneTimeLink, CountsEachOfManyWrongCodesThatComeAtTheSameTime) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  const auto wrong = made.proofs(made.wrong_proof());
  std::vector<std::future<Reveal>> attempts;
  for (int i = 0; i < 12; ++i) {
    attempts.push_back(std::async(std::launch::async, [&] { return links_->reveal(made.id, wrong, visitor()); }));
  }
  int counted = 0;
  for (auto& attempt : attempts) counted += attempt.get().refusal == Refusal::wrong_code ? 1 : 0;
  EXPECT_EQ(counted, most_wrong_codes);
  EXPECT_EQ(links_->find(link.id).wrong_codes, most_wrong_codes);
}

TEST_F(OneTimeLink, IsNotUsedUpWhereTheKeyFileIsAnotherOne) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  const SealedByMaker other;
  SecretLinks elsewhere(store(), folder_ + "/other.key");
  (void)elsewhere.make(web_, other.link(), "panel-eu");
  const auto proof = made.proof();
  try {
    (void)elsewhere.reveal(made.id, made.proofs(proof), visitor());
    FAIL() << "it was revealed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_NE(std::string(error.what()).find("sealed with another key than the one in " + folder_ + "/other.key"),
              std::string::npos)
        << error.what();
  }
  EXPECT_EQ(state(link), LinkState::waiting);
  EXPECT_EQ(links_->find(link.id).wrong_codes, 0);
  EXPECT_EQ(reveal(made, proof).refusal, Refusal::none);
}

TEST_F(OneTimeLink, IsNotRevealedWithTheBoxOfAnother) {
  const SealedByMaker one(false);
  const SealedByMaker other(false);
  const auto first = links_->make(web_, one.link(), "panel-eu");
  const auto second = links_->make(web_, other.link(), "panel-eu");
  const auto box = box_of(second);
  sql() << "UPDATE secret_links SET box = :box WHERE id = :id", soci::use(box), soci::use(first.id);
  EXPECT_EQ(code_of([&] { (void)click(one); }), ErrorCode::precondition);
  EXPECT_EQ(state(first), LinkState::waiting);
}

TEST_F(OneTimeLink, NeedsItsCodeWhateverItsRowSays) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  sql() << "UPDATE secret_links SET needs_code = 0 WHERE id = :id", soci::use(link.id);
  const auto clicked = click(made);
  EXPECT_EQ(clicked.refusal, Refusal::no_code);
  EXPECT_TRUE(clicked.sealed.is_null());
  EXPECT_EQ(reveal(made, made.wrong_proof()).refusal, Refusal::wrong_code);
  EXPECT_EQ(state(link), LinkState::waiting);
  EXPECT_EQ(reveal(made, made.proof()).refusal, Refusal::none);
}

TEST_F(OneTimeLink, NeedsNoCodeThatItWasNotSealedWith) {
  const SealedByMaker made(false);
  const auto link = links_->make(web_, made.link(), "panel-eu");
  sql() << "UPDATE secret_links SET needs_code = 1 WHERE id = :id", soci::use(link.id);
  EXPECT_EQ(made.opened(click(made).sealed), sealed_text);
}

/// Reads `later` once more, then `earlier`: a clock that is set back in between.
class ClockThatIsSetBack final : public Clock {
public:
  ClockThatIsSetBack(WallTime earlier, WallTime later) : earlier_(earlier), later_(later) {}
  [[nodiscard]] SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] WallTime wall() const override { return is_read_.exchange(true) ? earlier_ : later_; }
  bool sleep_for(Milliseconds duration, std::stop_token stop) override {
    return SystemClock().sleep_for(duration, std::move(stop));
  }
  /// Reads `later` again, once.
  void set_forward() { is_read_ = false; }

private:
  WallTime earlier_;
  WallTime later_;
  mutable std::atomic<bool> is_read_ = false;
};

TEST_F(OneTimeLink, IsNotUsedUpWithoutTheSecretWhenTheClockIsSetBack) {
  if (on_postgresql()) GTEST_SKIP() << "PostgreSQL has a clock of its own";
  const SealedByMaker made(false);
  const auto link = links_->make(web_, made.link(), "panel-eu");
  ClockThatIsSetBack clock(link.created, link.expires);
  Store there(settings(), LeaseLimits{}, clock);
  SecretLinks links(there, key_file());
  clock.set_forward();
  const auto result = links.reveal(made.id, made.proofs(), visitor());
  EXPECT_EQ(result.refusal, Refusal::state);
  EXPECT_EQ(result.state, LinkState::expired);
  EXPECT_TRUE(result.sealed.is_null());
  EXPECT_EQ(visits(link), (std::vector<std::string>{"refused 198.51.100.7 expired"}));
  EXPECT_EQ(made.opened(click(made).sealed), sealed_text) << "it is still there";
}

TEST_F(OneTimeLink, ListsWhoCameForItAndWhen) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  (void)links_->open(made.id, visitor("192.0.2.66"));
  (void)click(made);
  (void)reveal(made, made.wrong_proof());
  links_->note_refusal(made.id, "malformed request", visitor("192.0.2.66"));
  (void)reveal(made, made.proof());
  (void)reveal(made, made.proof());
  EXPECT_EQ(visits(link),
            (std::vector<std::string>{"opened 192.0.2.66 ", "refused 198.51.100.7 no code",
                                      "refused 198.51.100.7 wrong code", "refused 192.0.2.66 malformed request",
                                      "revealed 198.51.100.7 ", "refused 198.51.100.7 revealed"}));
  const auto entries = audited();
  ASSERT_EQ(entries.size(), 2U) << "latest first: revealed, and the wrong code";
  EXPECT_EQ(entries[0].by.who, fmt::format("link of o-{}", link.id));
  EXPECT_EQ(entries[0].outcome, AuditOutcome::done);
  EXPECT_EQ(entries[0].by.peer, "198.51.100.7");
  EXPECT_EQ(entries[1].outcome, AuditOutcome::denied);
}

TEST_F(OneTimeLink, DoesNotLetAVisitorFillTheDatabase) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  for (int i = 0; i < most_visits_of_kind + 20; ++i) {
    (void)links_->open(made.id, visitor());
    (void)click(made);
  }
  EXPECT_EQ(links_->visits(link.id).size(), 2U * most_visits_of_kind);
  EXPECT_EQ(audited().size(), 0U);
  EXPECT_EQ(reveal(made, made.wrong_proof()).link.wrong_codes, 1) << "what counts is counted";
  EXPECT_EQ(reveal(made, made.proof()).refusal, Refusal::none);
  EXPECT_EQ(visits(link).back(), "revealed 198.51.100.7 ");
}

TEST_F(OneTimeLink, DoesNotLetAMakerFillTheDatabase) {
  for (int i = 0; i < most_links_a_day; ++i) (void)links_->make(web_, SealedByMaker(false).link(), "agent of web-01");
  EXPECT_EQ(code_of([&] { (void)links_->make(web_, SealedByMaker(false).link(), "agent of web-01"); }),
            ErrorCode::conflict);
  clock_.advance(std::chrono::hours(25));
  EXPECT_NO_THROW((void)links_->make(web_, SealedByMaker(false).link(), "agent of web-01"));
}

TEST_F(OneTimeLink, IsRefusedForATakenNameAndAnUnknownServer) {
  const SealedByMaker made;
  (void)links_->make(web_, made.link(), "panel-eu");
  EXPECT_EQ(code_of([&] { (void)links_->make(web_, made.link(), "panel-eu"); }), ErrorCode::conflict);
  EXPECT_EQ(code_of([&] { (void)links_->make(ServerName::parse("no-such"), SealedByMaker(false).link(), "p"); }),
            ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)links_->open(credentials::generate_secret_id(), visitor()); }), ErrorCode::not_found);
}

TEST_F(OneTimeLink, GoesWithItsServer) {
  const SealedByMaker made;
  (void)links_->make(web_, made.link(), "panel-eu");
  (void)links_->open(made.id, visitor());
  servers().remove(web_);
  EXPECT_EQ(code_of([&] { (void)links_->open(made.id, visitor()); }), ErrorCode::not_found);
}

TEST_F(OneTimeLink, BecomesEventsThatHoldNeitherItsNameNorItsBox) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  Events events(store());
  events.record();
  (void)links_->open(made.id, visitor());
  events.record();
  (void)reveal(made, made.proof());
  events.record();
  std::vector<std::string> states;
  for (const auto& event : events.after(0, 100)) {
    if (event.kind != "secret") continue;
    EXPECT_EQ(event.subject, fmt::format("o-{}", link.id));
    EXPECT_EQ(event.data.find(made.id), std::string::npos);
    const auto data = nlohmann::json::parse(event.data);
    states.push_back(fmt::format("{} opened {}", data["state"].get<std::string>(), data["opened"].get<int>()));
  }
  EXPECT_EQ(states, (std::vector<std::string>{"waiting opened 0", "waiting opened 1", "revealed opened 1"}));
}

TEST_F(OneTimeLink, LeavesNothingInTheDatabaseThatOpensIt) {
  const SealedByMaker made;
  const auto link = links_->make(web_, made.link(), "panel-eu");
  const auto box = box_of(link);
  EXPECT_EQ(box.find(made.sealed["box"].get<std::string>()), std::string::npos) << "sealed once more";
  std::string row;
  sql() << "SELECT hash || server || made_by || box || revealed_to || revoked_by FROM secret_links", soci::into(row);
  for (const auto& secret :
       {made.id, std::string(made.key.reveal()), std::string(made.code->reveal()), base64_of(made.proof().reveal()),
        base64_of(made.link().verifier), base64_of(made.link_proof().reveal()), base64_of(made.link().link_verifier)}) {
    EXPECT_EQ(row.find(secret), std::string::npos);
  }
  struct stat status {};
  ASSERT_EQ(::stat(key_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

}  // namespace
}  // namespace rescue::netboot
