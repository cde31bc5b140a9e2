// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Wishes inside the guest: SSH keys, keyboard, texts.
#include "credentials/ssh_key.hpp"
#include "orchestrator/domain/journal_form.hpp"
#include "orchestrator/session/guest_text.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>

namespace rescue::tests {
namespace {

using domain::Phase;
using domain::WishState;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class GuestSetup : public ::testing::Test {
protected:
  GuestSetup() { world_.offer_actions(); }

  const domain::SessionRecord& start() {
    auto& session = world_.fresh_session();
    session.start({}, request_);
    EXPECT_EQ(session.record().phase, Phase::serving);
    return session.record();
  }

  void change_journal(const std::function<void(domain::SessionRecord&)>& change) {
    auto record = world_.journal.load().value();
    change(record);
    world_.journal.save(record);
  }

  const std::string key_ = credentials::make_ssh_key_pair("customer").public_key;
  SessionWorld world_;
  domain::SessionRequest request_;
};

TEST_F(GuestSetup, ProvesTheKeysAndLeavesOnlyThem) {
  request_.ssh_keys = {key_, credentials::make_ssh_key_pair("second").public_key};
  const auto& record = start();
  EXPECT_EQ(record.wishes.ssh_keys, WishState::proven);
  EXPECT_EQ(world_.agent.files[SessionWorld::keys_file], request_.ssh_keys[0] + "\n" + request_.ssh_keys[1] + "\n");
  EXPECT_EQ(world_.probe.key_calls, 2) << "with our key, and without it";
  ASSERT_FALSE(world_.agent.writes.empty());
  EXPECT_THAT(world_.agent.writes,
              Contains(::testing::Pair(SessionWorld::keys_file, HasSubstr("restrict,command=\"whoami\" ssh-ed25519"))));
  EXPECT_THAT(texts_of(record.warnings), IsEmpty());
}

TEST_F(GuestSetup, TouchesNoKeysUnlessTheRequestHasSome) {
  const auto& record = start();
  EXPECT_EQ(record.wishes.ssh_keys, WishState::not_asked);
  EXPECT_FALSE(world_.agent.files.contains(SessionWorld::keys_file));
  EXPECT_EQ(world_.probe.key_calls, 0);
}

TEST_F(GuestSetup, SaysNotProvenWhenTheKeyDoesNotLogIn) {
  request_.ssh_keys = {key_};
  world_.probe.accepts_key = [](const std::string&, std::string_view) { return false; };
  const auto& record = start();
  EXPECT_EQ(record.wishes.ssh_keys, WishState::not_proven);
  EXPECT_EQ(world_.agent.files[SessionWorld::keys_file], key_ + "\n");
  EXPECT_THAT(texts_of(record.warnings), Contains(HasSubstr("not proven: the server refused the key")));
}

TEST_F(GuestSetup, WarnsOfAKeyOfOursThatStays) {
  request_.ssh_keys = {key_};
  world_.probe.accepts_key = [](const std::string&, std::string_view) { return true; };
  const auto& record = start();
  EXPECT_EQ(record.wishes.ssh_keys, WishState::not_proven);
  EXPECT_TRUE(record.has_warning(domain::WarningCode::proof_key_left));
}

TEST_F(GuestSetup, RemovesAKeyOfOursThatACrashLeft) {
  request_.ssh_keys = {key_};
  request_.auth = "keys-only";
  start();
  // A rescued that was killed in a rotation: our key was written, and not removed.
  change_journal([](auto& record) { record.wishes.own_key = true; });
  world_.agent.files[SessionWorld::keys_file] +=
      "restrict,command=\"whoami\" " + credentials::make_ssh_key_pair("x").public_key;
  world_.fresh_session().recover({});
  EXPECT_EQ(world_.agent.files[SessionWorld::keys_file], key_ + "\n");
}

TEST_F(GuestSetup, LeavesTheCustomersOwnKeysWhenItIsAdopted) {
  request_.ssh_keys = {key_};
  start();
  world_.agent.files[SessionWorld::keys_file] += "ssh-ed25519 of the customer\n";
  world_.fresh_session().recover({});
  EXPECT_EQ(world_.agent.files[SessionWorld::keys_file], key_ + "\nssh-ed25519 of the customer\n");
}

TEST_F(GuestSetup, ProvesByKeyWherePasswordsAreRefusedAlthoughThatWasNotProven) {
  request_.ssh_keys = {key_};
  request_.auth = "keys-only";
  auto& session = world_.fresh_session();
  session.start({}, request_);
  change_journal([](auto& record) { record.wishes.keys_only = WishState::not_proven; });
  auto& next = world_.fresh_session();
  next.recover({});
  world_.probe.nla = false;
  EXPECT_FALSE(next.rotate_credentials({}).empty());
  EXPECT_EQ(next.record().wishes.ssh_keys, WishState::proven);
}

TEST_F(GuestSetup, TurnsPasswordLoginsOffOnlyAfterTheKeyIsProven) {
  request_.ssh_keys = {key_};
  request_.auth = "keys-only";
  EXPECT_EQ(start().wishes.keys_only, WishState::proven);
  EXPECT_TRUE(world_.agent.files.contains(SessionWorld::passwords_off));
}

TEST_F(GuestSetup, KeepsPasswordLoginsWhenTheKeyIsNotProven) {
  request_.ssh_keys = {key_};
  request_.auth = "keys-only";
  world_.probe.accepts_key = [](const std::string&, std::string_view) { return false; };
  const auto& record = start();
  EXPECT_EQ(record.wishes.keys_only, WishState::failed);
  EXPECT_FALSE(world_.agent.files.contains(SessionWorld::passwords_off));
  EXPECT_THAT(texts_of(record.warnings), Contains(HasSubstr("password logins over SSH stay on")));
}

TEST_F(GuestSetup, RotatesByKeyWherePasswordLoginsAreOff) {
  request_.ssh_keys = {key_};
  request_.auth = "keys-only";
  auto& session = world_.fresh_session();
  session.start({}, request_);
  const auto calls = world_.probe.ssh_calls;
  world_.probe.nla = false;  // RDP with the password is proven by the handshake here
  EXPECT_FALSE(session.rotate_credentials({}).empty());
  EXPECT_EQ(world_.probe.ssh_calls, calls);
  EXPECT_EQ(world_.agent.files[SessionWorld::keys_file], key_ + "\n");
}

TEST_F(GuestSetup, ServesWithAWarningOnAnImageWithoutActions) {
  world_.images.actions.clear();
  request_.ssh_keys = {key_};
  request_.keyboard = "de";
  const auto& record = start();
  EXPECT_EQ(record.wishes.ssh_keys, WishState::not_supported);
  EXPECT_EQ(record.wishes.keyboard, WishState::not_supported);
  EXPECT_EQ(record.wishes.text, WishState::not_asked);
  EXPECT_THAT(texts_of(record.warnings), Contains(HasSubstr("SSH keys: not supported by the image fake")));
}

TEST_F(GuestSetup, SetsTheKeyboardByTheTable) {
  request_.keyboard = "ch-fr";
  EXPECT_EQ(start().wishes.keyboard, WishState::set);
  EXPECT_THAT(world_.agent.commands,
              Contains(std::vector<std::string>{"set-keyboard", "ch(fr)", "fr-CH", "100c:0000100c"}));
}

TEST_F(GuestSetup, ServesWithAWarningWhenTheGuestFails) {
  request_.keyboard = "de";
  request_.ssh_keys = {key_};
  world_.agent.program = [](const auto& argv) {
    return ports::AgentCommandResult{argv[0] == "/bin/hostname" ? 0 : 1, "\x1b[2Jno\n"};
  };
  world_.agent.write_failure = Error(ErrorCode::guest_agent, "guest-file-open is disabled");
  const auto& record = start();
  EXPECT_EQ(record.wishes.keyboard, WishState::failed);
  EXPECT_EQ(record.wishes.ssh_keys, WishState::not_proven);
  EXPECT_EQ(record.wishes.text, WishState::failed);
  for (const auto& text : texts_of(record.warnings)) EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_TRUE(world_.journal.load());
}

TEST_F(GuestSetup, RefusesUnknownWishes) {
  for (const auto& change : std::vector<std::function<void(domain::SessionRequest&)>>{
           [](auto& request) { request.keyboard = "dee"; }, [](auto& request) { request.auth = "none"; },
           [](auto& request) { request.ssh_keys = {"command=\"x\" ssh-ed25519 AAAA"}; }}) {
    SessionWorld world;
    domain::SessionRequest request;
    change(request);
    const auto error = error_of([&] { world.fresh_session().start({}, request); });
    EXPECT_EQ(error.code(), ErrorCode::precondition) << error.what();
    EXPECT_EQ(world.left_behind(), "");
  }
}

TEST_F(GuestSetup, WritesTheTextsInTheCustomersLanguage) {
  request_.language = "de-AT";
  EXPECT_EQ(start().wishes.text, WishState::set);
  EXPECT_THAT(world_.agent.files[SessionWorld::login_file], HasSubstr("RETTUNGSSYSTEM des Servers web-42\n"));
  const auto& desktop = world_.agent.files[SessionWorld::desktop_file];
  EXPECT_THAT(desktop, HasSubstr("RETTUNGSSYSTEM des Servers web-42\r\n"));
  EXPECT_THAT(desktop, Not(HasSubstr(world_.announcer.passwords.back())));
}

TEST_F(GuestSetup, ShowsNoDisksBeforeTheLogin) {
  world_.images.actions[contract::GuestAction::login_text].before_login = true;
  start();
  EXPECT_THAT(world_.agent.files[SessionWorld::desktop_file], HasSubstr("Your disks"));
  EXPECT_THAT(world_.agent.files[SessionWorld::login_file], Not(HasSubstr("disks, in this order")));
}

TEST_F(GuestSetup, KeepsItsStateInTheJournal) {
  request_.ssh_keys = {key_};
  request_.keyboard = "de";
  request_.language = "fr";
  request_.auth = "keys-only";
  auto& session = world_.fresh_session();
  session.start({}, request_);
  session.lease_ends(world_.clock.wall() + std::chrono::hours(4));
  const auto read = domain::record_from_journal(nlohmann::json::parse(*world_.journal.content));
  EXPECT_EQ(read.request, session.record().request);
  EXPECT_EQ(read.wishes, session.record().wishes);
  EXPECT_EQ(read.lease, session.record().lease);
  EXPECT_EQ(read.plan->guest.profile, session.record().plan->guest.profile);
}

TEST_F(GuestSetup, SaysWhatBecomesOfWhatIsWrittenToTheDisks) {
  const std::tuple<const char*, const char*, const char*> cases[] = {{"overlay", "en", "is kept apart until"},
                                                                     {"overlay", "fr", "gardé à part"},
                                                                     {"overlay", "de", "getrennt aufbewahrt"},
                                                                     {"ro", "en", "not write to them"},
                                                                     {"ro", "fr", "pas y écrire"},
                                                                     {"ro", "de", "nicht auf sie schreiben"}};
  for (const auto& [mode, language, text] : cases) {
    SessionWorld world;
    world.offer_actions();
    domain::SessionRequest request;
    request.disk_mode = mode;
    request.language = language;
    world.fresh_session().start({}, request);
    EXPECT_THAT(world.agent.files[SessionWorld::login_file], HasSubstr(text)) << mode << ' ' << language;
  }
  auto& session = world_.fresh_session();
  session.start({}, request_);
  EXPECT_THAT(world_.agent.files[SessionWorld::login_file], Not(HasSubstr("kept apart")));
}

TEST(GuestText, IsBoundedAndPrintableWhateverADiskIsNamed) {
  session::TextFacts facts;
  facts.server = "web-01";
  facts.lease_ends = WallTime{};
  for (int number = 0; number < 300; ++number) {
    domain::Disk disk;
    disk.model = "\x1b[31m\xff" + std::string(500, 'm');
    disk.serial = "\r\nS\n" + std::string(500, 's');
    disk.size_bytes = 500'107'862'016;
    facts.disks.push_back(domain::passed_through(disk));
  }
  for (const auto language : {session::Language::en, session::Language::fr, session::Language::de}) {
    const auto text = session::session_text(facts, language);
    EXPECT_LE(text.size(), 8'192U);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(text, HasSubstr("500.1 GB"));
    EXPECT_THAT(text, HasSubstr("1970-01-01 00:00 UTC"));
  }
  EXPECT_EQ(session::language_of("pt-BR"), session::Language::en);
  EXPECT_EQ(session::language_of("fr-CH"), session::Language::fr);
}

class LeaseEnd : public GuestSetup {
protected:
  LeaseEnd() : session_(world_.fresh_session()) {
    session_.start({}, request_);
    session_.lease_ends(begin_ + std::chrono::hours(4));
  }
  [[nodiscard]] std::vector<std::string> messages() const {
    std::vector<std::string> texts;
    for (const auto& argv : world_.agent.commands) {
      if (argv[0] == "wall") texts.push_back(argv[1]);
    }
    return texts;
  }

  session::RescueSession& session_;
  const WallTime begin_ = world_.clock.wall();
};

TEST_F(LeaseEnd, IsInTheTextsAndMovesInThem) {
  EXPECT_THAT(world_.agent.files[SessionWorld::login_file], HasSubstr("reserved until"));
  const auto before = world_.agent.files[SessionWorld::login_file];
  session_.lease_ends(begin_ + std::chrono::hours(8));
  EXPECT_NE(world_.agent.files[SessionWorld::login_file], before);
  const auto writes = world_.agent.writes.size();
  session_.lease_ends(begin_ + std::chrono::hours(8));
  EXPECT_EQ(world_.agent.writes.size(), writes) << "nothing has moved";
}

TEST_F(LeaseEnd, IsWarnedOfOnceAtEachTime) {
  EXPECT_EQ(session_.warn_of_lease_end(), Milliseconds(std::chrono::hours(3)));
  world_.clock.advance(std::chrono::hours(3));
  EXPECT_EQ(session_.warn_of_lease_end(), Milliseconds(std::chrono::minutes(45)));
  EXPECT_EQ(session_.warn_of_lease_end(), Milliseconds(std::chrono::minutes(45)));
  ASSERT_EQ(messages().size(), 1U);
  EXPECT_THAT(messages().front(), HasSubstr("ends in 60 minutes"));
  EXPECT_TRUE(session_.record().has_warning(domain::WarningCode::lease_ends_soon));
  world_.clock.advance(std::chrono::minutes(46));
  EXPECT_EQ(session_.warn_of_lease_end(), std::nullopt);
  ASSERT_EQ(messages().size(), 2U);
  EXPECT_THAT(messages().back(), HasSubstr("ends in 14 minutes"));
}

TEST_F(LeaseEnd, IsWarnedOfAgainAfterAnExtension) {
  world_.clock.advance(std::chrono::minutes(230));
  (void)session_.warn_of_lease_end();
  EXPECT_EQ(messages().size(), 1U) << "two times have come at once: one message";
  session_.lease_ends(world_.clock.wall() + std::chrono::hours(4));
  EXPECT_FALSE(session_.record().has_warning(domain::WarningCode::lease_ends_soon));
  world_.clock.advance(std::chrono::hours(3));
  (void)session_.warn_of_lease_end();
  EXPECT_EQ(messages().size(), 2U);
}

TEST_F(LeaseEnd, OfAGuestThatFailsIsWarnedOfInTheStatus) {
  world_.agent.run_failure = Error(ErrorCode::guest_agent, "guest-exec is disabled");
  world_.clock.advance(std::chrono::hours(3));
  (void)session_.warn_of_lease_end();
  EXPECT_TRUE(session_.record().has_warning(domain::WarningCode::lease_ends_soon));
}

TEST_F(LeaseEnd, IsNotWarnedOfTwiceAfterACrash) {
  world_.clock.advance(std::chrono::hours(3));
  (void)session_.warn_of_lease_end();
  auto& next = world_.fresh_session();
  next.recover({});
  (void)next.warn_of_lease_end();
  EXPECT_EQ(messages().size(), 1U);
}

}  // namespace
}  // namespace rescue::tests
