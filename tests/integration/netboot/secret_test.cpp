// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests one-time secrets with real netbootds: from a maker's seal to netbootctl, and what is left of them.
#include "daemon_under_test.hpp"
#include "tests/unit/netboot/sealed_by_maker.hpp"

#include <nlohmann/json.hpp>
#include <pty.h>
#include <sys/stat.h>

#include <future>
#include <memory>
#include <set>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// A netbootd that logs everything to a file.
class Secrets : public DaemonUnderTest {
protected:
  void SetUp() override {
    DaemonUnderTest::SetUp();
    ASSERT_EQ(stop(), 0);
    configure(std::string(rescue_section) + "log: {level: debug}\nsecrets: {key_file: '" + key_file() + "'}\n");
    start_logged();
    ASSERT_EQ(api("POST", "/v1/servers", R"({"name": "web-01", "macs": ["525400123456"]})").status, 201U);
  }
  void TearDown() override {
    logged_.reset();
    DaemonUnderTest::TearDown();
  }
  void start_logged() {
    std::filesystem::create_directories(in_folder("logged"));
    logged_.emplace(config_file(), in_folder("logged"),
                    std::vector<std::string>{"/bin/sh", "-c", R"(exec "$0" "$@" 2>>")" + log_file() + '"'});
  }
  [[nodiscard]] std::string log_file() const { return in_folder("netbootd.log"); }
  [[nodiscard]] std::string key_file() const { return in_folder("secrets.key"); }
  [[nodiscard]] RunningNetbootd& running() { return *logged_; }

  [[nodiscard]] http::Response api(const std::string& method, const std::string& path, const std::string& body = {}) {
    http::ClientOptions options;
    options.base_url = logged_->url();
    return http::Client(options, read_secret_file(token_file())).request(method, path, body);
  }
  /// Returns the secret's number in the API.
  std::string keep(const SealedByMaker& made) {
    const auto response = api("POST", "/v1/servers/web-01/secrets", made.body().dump());
    EXPECT_EQ(response.status, 201U) << response.body;
    return json::parse(response.body).value("id", "");
  }
  [[nodiscard]] std::string link(const SealedByMaker& made) {
    return logged_->url() + "/s/" + made.id + "#" + std::string(made.key.reveal());
  }
  /// Runs netbootctl without a terminal.
  [[nodiscard]] Completed ctl(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), {"setsid", "--wait", NETBOOTCTL});
    Command command;
    command.argv = std::move(arguments);
    command.environment = {"NETBOOT_URL=" + logged_->url(), "NETBOOT_TOKEN_FILE=" + token_file()};
    command.input = input;
    return run(command);
  }
  [[nodiscard]] Completed opened(const SealedByMaker& made, const std::string& code,
                                 std::vector<std::string> options = {}) {
    std::vector<std::string> arguments{"secret", "open", "-"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return ctl(std::move(arguments), link(made) + "\n" + code + "\n");
  }
  /// Runs a line of shell with netbootctl as $0 and the link on standard input.
  [[nodiscard]] Completed in_shell(const std::string& line, const SealedByMaker& made, const std::string& file = {}) {
    Command command;
    command.argv = {"setsid", "--wait", "/bin/sh", "-c", line, NETBOOTCTL, file};
    command.input = link(made) + "\n";
    return run(command);
  }
  [[nodiscard]] static std::string code_of_maker(const SealedByMaker& made) { return std::string(made.code->reveal()); }
  [[nodiscard]] json shown(const std::string& id) { return json::parse(ctl({"secret", "show", id, "--json"}).out); }

private:
  std::optional<RunningNetbootd> logged_;
};

TEST_F(Secrets, AreOpenedOnceByNetbootctl) {
  const SealedByMaker made;
  const auto id = keep(made);
  const auto first = opened(made, code_of_maker(made));
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(first.out, std::string(sealed_text) + "\n");
  const auto at = shown(id)["revealed_at"].get<std::string>();
  const auto second = opened(made, code_of_maker(made));
  EXPECT_EQ(second.status, 1);
  EXPECT_EQ(second.out, "");
  EXPECT_NE(second.err.find("the secret was revealed at " + at), std::string::npos) << second.err;
}

TEST_F(Secrets, AreOpenedWithoutACodeWhereThereIsNone) {
  const SealedByMaker made(false);
  (void)keep(made);
  const auto answer = ctl({"secret", "open", "--json", "-"}, link(made) + "\n");
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_EQ(json::parse(answer.out)["secret"], sealed_text);
}

TEST_F(Secrets, GoToANewFileOfTheirReaderOnly) {
  const SealedByMaker made;
  const auto id = keep(made);
  const auto file = in_folder("web-01.secret");
  write_file_atomically(file, "mine", 0600);
  EXPECT_EQ(opened(made, code_of_maker(made), {"--output", file}).status, 1) << "it exists";
  std::filesystem::remove(file);
  const auto wrong = opened(made, "0000-0000", {"--output", file});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_NE(wrong.err.find("It can be tried 4 more times."), std::string::npos) << wrong.err;
  EXPECT_FALSE(std::filesystem::exists(file));
  const auto answer = opened(made, code_of_maker(made), {"--output", file});
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_EQ(answer.out, "the secret is in " + file + "\n");
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(read_file(file), sealed_text);
}

TEST_F(Secrets, AreReportedLostWhereStandardOutputIsFull) {
  const SealedByMaker made(false);
  (void)keep(made);
  const auto answer = in_shell(R"(exec "$0" secret open - > /dev/full)", made);
  EXPECT_EQ(answer.status, 1);
  EXPECT_NE(answer.err.find("standard output did not take it: No space left on device"), std::string::npos)
      << answer.err;
  EXPECT_NE(answer.err.find("It is used up."), std::string::npos) << answer.err;
}

TEST_F(Secrets, AreNotUsedUpWhereStandardOutputIsClosed) {
  const SealedByMaker made(false);
  const auto id = keep(made);
  const auto answer = in_shell(R"(exec "$0" secret open - >&-)", made);
  EXPECT_EQ(answer.status, 1);
  EXPECT_NE(answer.err.find("standard output is closed"), std::string::npos) << answer.err;
  EXPECT_EQ(shown(id)["state"], "waiting");
}

TEST_F(Secrets, AreNotUsedUpWhereTheirFileHasNoRoom) {
  const SealedByMaker made(false);
  const auto id = keep(made);
  const auto file = in_folder("web-01.secret");
  // Room for this secret, but not for the longest one.
  const auto limited = in_shell(R"(trap '' XFSZ; ulimit -f 8; exec "$0" secret open - --output "$1")", made, file);
  EXPECT_EQ(limited.status, 1);
  EXPECT_NE(limited.err.find("cannot reserve room in " + file), std::string::npos) << limited.err;
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(shown(id)["state"], "waiting");
  EXPECT_EQ(in_shell(R"(exec "$0" secret open - --output "$1")", made, file).status, 0);
  EXPECT_EQ(read_file(file), sealed_text);
}

TEST_F(Secrets, AreNotWrittenThroughALinkInPlaceOfTheirFile) {
  const SealedByMaker made(false);
  const auto id = keep(made);
  const auto file = in_folder("web-01.secret");
  std::filesystem::create_symlink(in_folder("elsewhere"), file);
  const auto answer = in_shell(R"(exec "$0" secret open - --output "$1")", made, file);
  EXPECT_EQ(answer.status, 1);
  EXPECT_NE(answer.err.find(file + " exists"), std::string::npos) << answer.err;
  EXPECT_EQ(shown(id)["state"], "waiting");
  EXPECT_TRUE(std::filesystem::is_symlink(file));
}

TEST_F(Secrets, AreOpenedByALinkOnStandardInputByDefault) {
  const SealedByMaker made;
  (void)keep(made);
  const auto answer = ctl({"secret", "open"}, link(made) + "\n" + code_of_maker(made) + "\n");
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_EQ(answer.out, std::string(sealed_text) + "\n");
}

TEST_F(Secrets, AreNotUsedUpByWhatIsWrongBefore) {
  const SealedByMaker made;
  const auto id = keep(made);
  const auto whole = link(made);
  for (const auto& wrong : {std::string("x"), whole.substr(0, whole.find('#')), whole.substr(0, whole.size() - 1),
                            whole + "A", "ftp" + whole.substr(4)}) {
    EXPECT_EQ(ctl({"secret", "open", wrong}).status, 2) << wrong;
  }
  const auto no_code = ctl({"secret", "open", whole});
  EXPECT_EQ(no_code.status, 2);
  EXPECT_NE(no_code.err.find("there is no terminal to ask for it"), std::string::npos) << no_code.err;
  EXPECT_EQ(opened(made, "no-code").status, 2) << "no code of 8 letters and digits";
  EXPECT_EQ(shown(id)["state"], "waiting");
  EXPECT_EQ(shown(id)["wrong_codes"], 0);
  EXPECT_EQ(ctl({"secret", "open", whole, "--code", code_of_maker(made)}).out, std::string(sealed_text) + "\n");
}

TEST_F(Secrets, AreListedShownAndRevoked) {
  const SealedByMaker made;
  const auto id = keep(made);
  (void)opened(made, "0000-0000");
  EXPECT_NE(ctl({"secret", "list", "web-01"}).out.find(id + "     waiting  yes"), std::string::npos)
      << ctl({"secret", "list", "web-01"}).out;
  const auto listed = json::parse(ctl({"secret", "list", "web-01", "--json"}).out)["secrets"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["wrong_codes"], 1);
  const auto text = ctl({"secret", "show", id}).out;
  EXPECT_NE(text.find("opened"), std::string::npos) << text;
  EXPECT_NE(text.find("wrong code"), std::string::npos) << text;
  EXPECT_EQ(ctl({"secret", "revoke", id}).out, "revoked " + id + "\n");
  const auto refused = opened(made, code_of_maker(made));
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("the link was revoked"), std::string::npos) << refused.err;
  EXPECT_EQ(ctl({"secret", "revoke", "o-99"}).status, 1);
}

TEST_F(Secrets, AreOpenedAtATerminalThatShowsNeitherLinkNorCode) {
  const SealedByMaker made;
  (void)keep(made);
  const auto whole = link(made);
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::execl(NETBOOTCTL, NETBOOTCTL, "secret", "open", "--show", nullptr);
    ::_exit(127);
  }
  ASSERT_GT(child, 0);
  std::string seen;
  std::vector<std::pair<std::string, std::string>> answers{{"Link: ", whole}, {"Code: ", code_of_maker(made)}};
  std::array<char, 512> part{};
  pollfd readable{terminal, POLLIN, 0};
  while (::poll(&readable, 1, 30'000) == 1) {
    const auto size = ::read(terminal, part.data(), part.size());
    if (size <= 0) break;  // EIO: netbootctl has ended
    seen.append(part.data(), static_cast<std::size_t>(size));
    if (answers.empty() || seen.find(answers.front().first) == std::string::npos) continue;
    const auto typed = answers.front().second + "\n";
    ASSERT_EQ(::write(terminal, typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
    answers.erase(answers.begin());
  }
  ::close(terminal);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << seen;
  EXPECT_NE(seen.find(sealed_text), std::string::npos) << seen;
  EXPECT_EQ(seen.find(code_of_maker(made)), std::string::npos) << seen;
  EXPECT_EQ(seen.find(made.key.reveal()), std::string::npos) << seen;
}

TEST_F(Secrets, AreNotPrintedToATerminalUnasked) {
  const SealedByMaker made;
  const auto id = keep(made);
  const auto whole = link(made);
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::execl(NETBOOTCTL, NETBOOTCTL, "secret", "open", whole.c_str(), nullptr);
    ::_exit(127);
  }
  ASSERT_GT(child, 0);
  std::string seen;
  std::array<char, 512> part{};
  for (auto size = ::read(terminal, part.data(), part.size()); size > 0;
       size = ::read(terminal, part.data(), part.size())) {
    seen.append(part.data(), static_cast<std::size_t>(size));
  }
  ::close(terminal);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 2) << seen;
  EXPECT_EQ(shown(id)["opened"], 0) << "nobody was asked";
}

/// Everything that netbootd has left on this machine, as far as it is one string.
std::string everything_in(const std::vector<std::string>& files) {
  std::string all;
  for (const auto& file : files) all += read_file_if_exists(file).value_or("");
  return all;
}

TEST_F(Secrets, AreNotInLogsAndDatabase) {
  const SealedByMaker made;
  const auto id = keep(made);
  (void)opened(made, "0000-0000");
  ASSERT_EQ(opened(made, code_of_maker(made)).status, 0);
  (void)opened(made, code_of_maker(made));
  EXPECT_EQ(running().stop(SIGTERM), 0);
  auto all = everything_in({log_file(), in_folder("db.sqlite"), in_folder("db.sqlite-wal")});
  EXPECT_NE(all.find("revealed to 127.0.0.1"), std::string::npos) << "the log is the right one";
  if (!database().empty()) {
    Command dump;
    dump.argv = {RealPostgresql::program("pg_dump"), RealPostgresql::shared().url(database())};
    all += run_checked(dump).out;
  }
  EXPECT_NE(all.find("secret_visits"), std::string::npos) << "so is the database";
  const auto plain = credentials::normalised_code(made.code->reveal()).value();
  for (const auto& secret : {std::string(made.key.reveal()), code_of_maker(made), std::string(plain.reveal()),
                             std::string(sealed_text), base64_of(made.proof().reveal()),
                             base64_of(made.link_proof().reveal()), made.sealed["box"].get<std::string>()}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
}

TEST_F(Secrets, SurviveARestartButNotAnotherKeyFile) {
  const SealedByMaker made;
  const auto id = keep(made);
  (void)opened(made, "0000-0000");
  EXPECT_EQ(running().stop(SIGKILL), 128 + SIGKILL);
  std::filesystem::rename(key_file(), key_file() + ".right");
  start_logged();
  (void)keep(SealedByMaker(false));  // makes another key file
  const auto refused = opened(made, code_of_maker(made));
  EXPECT_EQ(refused.status, 3);
  EXPECT_NE(refused.err.find("It is not used up."), std::string::npos) << refused.err;
  EXPECT_NE(read_file(log_file()).find("sealed with another key than the one in " + key_file()), std::string::npos);
  std::filesystem::rename(key_file() + ".right", key_file());
  EXPECT_EQ(shown(id)["wrong_codes"], 1) << "also after it was killed";
  EXPECT_EQ(opened(made, code_of_maker(made)).out, std::string(sealed_text) + "\n");
}

/// Two netbootds on one PostgreSQL.
class SecretsOnOnePostgresql : public Secrets {
protected:
  void SetUp() override {
    if (const auto why = RealPostgresql::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<RealPostgresql>();
    own_database_ = server_->fresh_database();
    Secrets::SetUp();
    ASSERT_TRUE(std::filesystem::create_directory(in_folder("second")));
    second_.emplace(config_file(), in_folder("second"));
  }
  void TearDown() override {
    second_.reset();
    Secrets::TearDown();
    server_.reset();
  }
  [[nodiscard]] std::string database_section() const override {
    return "database: {url: '" + server_->url(own_database_) + "', connections: 4}\n";
  }
  [[nodiscard]] static unsigned reveal_at(const std::string& url, const SealedByMaker& made, const Secret& proof) {
    http::ClientOptions options;
    options.base_url = url;
    return http::Client(options).request("POST", "/v1/links/" + made.id + "/reveal", made.with(proof).dump()).status;
  }

  std::optional<RunningNetbootd> second_;

private:
  std::unique_ptr<RealPostgresql> server_;
  std::string own_database_;
};

TEST_F(SecretsOnOnePostgresql, AreRevealedByOneOfTwo) {
  for (int round = 0; round < 10; ++round) {
    const SealedByMaker made;
    (void)keep(made);
    const auto proof = made.proof();
    auto one = std::async(std::launch::async, [&] { return reveal_at(running().url(), made, proof); });
    const auto other = reveal_at(second_->url(), made, proof);
    std::multiset<unsigned> answers{one.get(), other};
    EXPECT_EQ(answers, (std::multiset<unsigned>{200, 410})) << round;
  }
}

TEST_F(SecretsOnOnePostgresql, AreLockedByWrongCodesAtBoth) {
  const SealedByMaker made;
  (void)keep(made);
  const auto wrong = made.wrong_proof();
  for (int i = 0; i < most_wrong_codes; ++i) {
    EXPECT_EQ(reveal_at(i % 2 == 0 ? running().url() : second_->url(), made, wrong), 403U);
  }
  for (const auto& url : {running().url(), second_->url()}) EXPECT_EQ(reveal_at(url, made, made.proof()), 410U);
}

}  // namespace
}  // namespace rescue::netboot
