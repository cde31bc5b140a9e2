// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescuectl's commands for credentials, with a server in place of rescued that knows one password.

#include "core/file.hpp"
#include "core/http/server.hpp"
#include "core/subprocess.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* spelling = "Bxk7  capital bravo, x-ray, kilo, seven\n-t    dash, tango\n";

nlohmann::json credentials_of_rescued() {
  return {{"address", "203.0.113.7"},   {"user", "Administrator"},    {"password", "Bxk7-t"},
          {"ssh_host_key", "SHA256:x"}, {"rdp_certificate", "ab:cd"}, {"ssh_host_key_type", "ssh-ed25519"},
          {"rdp_proof", "none"}};
}

nlohmann::json status_of_rescued() {
  auto connection = credentials_of_rescued();
  connection.erase("password");
  std::string certificate = "09";
  for (int pair = 1; pair < 32; ++pair) certificate += ":af";
  connection["rdp_certificate"] = certificate;
  connection["ssh_host_key"] = "SHA256:" + std::string(43, 'A');
  connection["ssh_host_key_blob"] = "";
  return {{"server", "web-01\nevil"}, {"id", "s-1"}, {"phase", "serving"}, {"connection", connection}};
}

class Rescuectl : public testing::Test {
protected:
  Rescuectl() : server_(options(), router()) {}

  /// Runs rescuectl on a terminal of its own; returns what it prints there.
  std::string on_terminal(const std::string& arguments) {
    serve();
    Command command;
    command.argv = {"script", "-qec", fmt::format("{} --socket {} {} 2>&1", RESCUE_RESCUECTL, socket(), arguments),
                    "/dev/null"};
    auto out = run(command).out;
    std::erase(out, '\r');
    return out;
  }
  [[nodiscard]] Completed without_terminal(std::vector<std::string> arguments) {
    serve();
    Command command;
    command.argv = {RESCUE_RESCUECTL, "--socket", socket()};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return run(command);
  }
  [[nodiscard]] std::string socket() const { return folder_.file("rescued.sock"); }

  ScratchFolder folder_;
  nlohmann::json status_ = status_of_rescued();

private:
  /// Starts the server once the test has set what it answers.
  void serve() {
    if (!std::exchange(serving_, true)) server_.start();
  }
  [[nodiscard]] http::ServerOptions options() const {
    http::ServerOptions options;
    options.unix_path = socket();
    return options;
  }
  http::Router router() {
    http::Router router;
    router.add("POST", "/v1/credentials/rotate", [](const http::Request&) {
      http::Response response;
      response.content_type = "application/json";
      response.body = credentials_of_rescued().dump() + "\n";
      return response;
    });
    router.add("GET", "/v1/status", [this](const http::Request&) {
      http::Response response;
      response.content_type = "application/json";
      response.body = status_.dump() + "\n";
      return response;
    });
    return router;
  }

  bool serving_ = false;
  http::Server server_;
};

using Spell = Rescuectl;
using ConnectionFiles = Rescuectl;

class SpellOnTerminal : public Rescuectl {
protected:
  void SetUp() override {
    if (::access("/usr/bin/script", X_OK) != 0) GTEST_SKIP() << "script is not installed (package bsdutils)";
  }
};

TEST_F(Spell, WritesTheWordsIntoTheFileThatIsNamed) {
  const auto file = folder_.file("new.json");
  const auto done = without_terminal({"credentials", "rotate", "--spell", "--credentials-file", file});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "");
  EXPECT_THAT(done.err, Not(HasSubstr("bravo")));
  auto expected = credentials_of_rescued();
  expected["password_spelled"] = spelling;
  EXPECT_EQ(nlohmann::json::parse(read_file(file)), expected);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Spell, LeavesTheFileAsItWasWithoutTheOption) {
  const auto file = folder_.file("new.json");
  ASSERT_EQ(without_terminal({"credentials", "rotate", "--credentials-file", file}).status, 0);
  EXPECT_EQ(nlohmann::json::parse(read_file(file)), credentials_of_rescued());
}

TEST_F(Spell, NeverPrintsIntoAPipe) {
  const auto file = folder_.file("new.json");
  write_file_atomically(file, credentials_of_rescued().dump(), 0600);
  for (const auto& arguments : {std::vector<std::string>{"credentials", "rotate", "--spell"},
                                std::vector<std::string>{"--json", "credentials", "rotate", "--spell"},
                                std::vector<std::string>{"credentials", "spell", file}}) {
    const auto done = without_terminal(arguments);
    EXPECT_EQ(done.status, 2);
    EXPECT_EQ(done.out, "");
    EXPECT_THAT(done.err, HasSubstr("terminal"));
    EXPECT_THAT(done.err, Not(HasSubstr("bravo")));
  }
}

TEST_F(Spell, NeedsAStartThatWaits) {
  const auto done = without_terminal({"start", "--spell"});
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr("--spell needs --wait"));
}

TEST_F(SpellOnTerminal, ShowsTheWordsBelowThePassword) {
  const auto shown = on_terminal("credentials rotate --spell");
  EXPECT_THAT(shown, HasSubstr("password   Bxk7-t\n"));
  EXPECT_THAT(shown, HasSubstr("spelled    Bxk7  capital bravo, x-ray, kilo, seven\n           -t    dash, tango\n"));
  EXPECT_THAT(on_terminal("credentials rotate"), Not(HasSubstr("bravo")));
}

TEST_F(SpellOnTerminal, ReadsOutAFileOfCredentials) {
  const auto file = folder_.file("new.json");
  write_file_atomically(file, credentials_of_rescued().dump() + "\n", 0600);
  EXPECT_EQ(on_terminal("credentials spell " + file), spelling);
  for (const auto* const wrong : {"{}", "[]", "{\"password\": 7}", "Bxk7-t", ""}) {
    write_file_atomically(file, wrong, 0600);
    const auto shown = on_terminal("credentials spell " + file);
    EXPECT_THAT(shown, HasSubstr("error")) << wrong;
    EXPECT_THAT(shown, Not(HasSubstr("Bxk7"))) << "the content is in the message";
  }
  write_file_atomically(file, credentials_of_rescued().dump(), 0644);
  EXPECT_THAT(on_terminal("credentials spell " + file), Not(HasSubstr("bravo"))) << "others may read the file";
}

TEST_F(ConnectionFiles, AreWrittenWithoutAPassword) {
  Command keygen;
  keygen.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_.file("key")};
  run_checked(keygen);
  const auto key = read_file(folder_.file("key.pub"));
  const auto begin = key.find(' ') + 1;
  const auto blob = key.substr(begin, key.find(' ', begin) - begin);
  keygen.argv = {"ssh-keygen", "-lf", folder_.file("key.pub")};
  const auto shown = run_checked(keygen).out;
  const auto fingerprint = shown.substr(shown.find("SHA256:"), 50);
  status_["connection"]["ssh_host_key_blob"] = blob;
  status_["connection"]["ssh_host_key"] = fingerprint;

  const auto done = without_terminal({"credentials", "files", folder_.file(".")});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, fmt::format("{0}/rescue.json\n{0}/rescue.known_hosts\n{0}/rescue.rdp\n{0}/rescue.txt\n",
                                  folder_.file(".")));
  EXPECT_EQ(read_file(folder_.file("rescue.known_hosts")), "203.0.113.7 ssh-ed25519 " + blob + "\n");
  EXPECT_THAT(read_file(folder_.file("rescue.rdp")), HasSubstr("full address:s:203.0.113.7:3389\r\n"));
  const auto text = read_file(folder_.file("rescue.txt"));
  EXPECT_THAT(text, HasSubstr("Server   web-01 evil\n"));
  EXPECT_THAT(text, HasSubstr("  ssh-ed25519 " + fingerprint + "\n"));
  EXPECT_THAT(text, HasSubstr("UserKnownHostsFile=\"rescue.known_hosts\""));
  EXPECT_EQ(nlohmann::json::parse(read_file(folder_.file("rescue.json"))).at("session"), "s-1");
}

TEST_F(ConnectionFiles, DoWithoutAHostKeyOfAnOlderRescued) {
  status_["connection"].erase("ssh_host_key_blob");
  const auto done = without_terminal({"credentials", "files", folder_.file(".")});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_FALSE(read_file_if_exists(folder_.file("rescue.known_hosts")));
  EXPECT_THAT(read_file(folder_.file("rescue.txt")), HasSubstr("  ssh -l Administrator 203.0.113.7\n"));
}

TEST_F(ConnectionFiles, NeedASessionThatServesAndAFolder) {
  status_["phase"] = "finished";
  EXPECT_EQ(without_terminal({"credentials", "files", folder_.file("missing")}).status, 2);
  const auto done = without_terminal({"credentials", "files", folder_.file(".")});
  EXPECT_NE(done.status, 0);
  EXPECT_THAT(done.err, HasSubstr("there are no credentials"));
}

}  // namespace
}  // namespace rescue::tests
