// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/ssh_key.hpp"
#include "tests/integration/access/programs.hpp"
#include "tests/integration/access/ssh_server.hpp"

#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Readiness;

constexpr const char* user = "rescue-test-user";
constexpr const char* password = "Right1!pw";
constexpr const char* by_password = "UsePAM no\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n";
constexpr Milliseconds ample{20'000};

domain::SshResult prove(unsigned port, const char* with_password, Milliseconds limit = ample) {
  return access::CustomerAccessProbe(programs()).prove_ssh({"127.0.0.1", user, port, 0}, Secret(with_password), limit);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class SshProver : public testing::Test {
protected:
  void SetUp() override {
    if (const auto reason = SshServer::missing(); !reason.empty()) GTEST_SKIP() << reason;
  }
};

TEST_F(SshProver, LogsInWithTheRightPassword) {
  const SshServer server(user, password, by_password);
  const auto before = open_descriptors();
  const auto result = prove(server.port(), password);
  EXPECT_EQ(result.readiness, Readiness::command_ran) << result.problem << server.log();
  EXPECT_EQ(result.command_output, user);
  EXPECT_EQ(result.host_key_type, "ssh-ed25519");
  EXPECT_EQ(result.host_key_fingerprint, server.fingerprint());
  EXPECT_EQ(result.host_key_blob, server.host_key_blob());
  EXPECT_EQ(result.problem, "");
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(SshProver, DoesNotLogInWithAWrongOne) {
  const SshServer server(user, password, by_password);
  for (const auto* wrong : {"wrong", "", "Right1!pw "}) {
    const auto result = prove(server.port(), wrong);
    EXPECT_EQ(result.readiness, Readiness::banner) << wrong;
    EXPECT_EQ(result.problem, "the server refused the password of rescue-test-user");
    EXPECT_EQ(result.host_key_fingerprint, server.fingerprint());
  }
}

TEST_F(SshProver, LogsInWithTheRightKeyAndNoOther) {
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), static_cast<std::filesystem::perms>(0755));  // sshd reads as the user
  const auto pair = credentials::make_ssh_key_pair("rescue-proof");
  folder.write("keys", R"(restrict,command="whoami" )" + pair.public_key + "\n", 0644);
  const SshServer server(
      user, password,
      fmt::format("UsePAM no\nPasswordAuthentication no\nStrictModes no\nAuthorizedKeysFile {}\n", folder / "keys"));
  const auto by_key = [&](const Secret& key) {
    return access::CustomerAccessProbe(programs()).prove_ssh_key({"127.0.0.1", user, server.port(), 0}, key, ample);
  };
  const auto right = by_key(pair.private_key);
  EXPECT_EQ(right.readiness, Readiness::command_ran) << right.problem << server.log();
  EXPECT_EQ(right.command_output, user);
  EXPECT_EQ(right.host_key_fingerprint, server.fingerprint());
  const auto other = by_key(credentials::make_ssh_key_pair("other").private_key);
  EXPECT_EQ(other.readiness, Readiness::banner);
  EXPECT_EQ(other.problem, "the server refused the key of rescue-test-user");
  folder.write("keys", "", 0644);
  EXPECT_EQ(by_key(pair.private_key).readiness, Readiness::banner) << "it was removed";
}

TEST_F(SshProver, AnswersAKeyboardInteractivePrompt) {
  if (::access("/etc/pam.d/sshd", F_OK) != 0) GTEST_SKIP() << "needs /etc/pam.d/sshd (package openssh-server)";
  const SshServer server(user, password, "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\n");
  const auto right = prove(server.port(), password);
  EXPECT_EQ(right.readiness, Readiness::command_ran) << right.problem << server.log();
  const auto wrong = prove(server.port(), "wrong");
  EXPECT_EQ(wrong.readiness, Readiness::banner);
  EXPECT_NE(wrong.problem, "");
}

TEST_F(SshProver, IsNotContentWithAServerThatWantsKeysOnly) {
  const SshServer server(user, password, "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n");
  const auto result = prove(server.port(), password);
  EXPECT_EQ(result.readiness, Readiness::banner);
  EXPECT_EQ(result.problem, "the server offers neither password nor keyboard-interactive login");
}

TEST_F(SshProver, IsNotContentWithAnAccountThatCanNotRunCommands) {
  const SshServer server(user, password, by_password, "/bin/false");
  const auto result = prove(server.port(), password);
  EXPECT_EQ(result.readiness, Readiness::authenticated);
  EXPECT_NE(result.problem.find("whoami"), std::string::npos) << result.problem;
}

TEST_F(SshProver, NoticesACommandThatHangs) {
  const SshServer server(user, password, std::string(by_password) + "ForceCommand sleep 30\n");
  const auto before = std::chrono::steady_clock::now();
  const auto result = prove(server.port(), password, Milliseconds(2'500));
  EXPECT_LT(std::chrono::steady_clock::now() - before, Milliseconds(5'000));
  EXPECT_EQ(result.readiness, Readiness::authenticated);
  EXPECT_NE(result.problem.find("within the limit"), std::string::npos) << result.problem;
}

/// The limit is kept at every point where the server can fall silent.
TEST_F(SshProver, IsNotHeldUpByAServerThatStalls) {
  const SshServer server(user, password, by_password);
  for (const std::size_t bytes : {5U, 45U, 200U, 1'100U, 1'500U, 1'700U, 1'900U, 2'000U, 2'050U}) {
    const LoopbackServer stalling(LoopbackServer::stalls_after(bytes, server.port()));
    const auto before = std::chrono::steady_clock::now();
    const auto result = prove(stalling.port(), password, Milliseconds(700));
    EXPECT_LT(std::chrono::steady_clock::now() - before, Milliseconds(2'500)) << bytes;
    EXPECT_EQ(result.readiness == Readiness::command_ran, result.problem.empty()) << bytes;
    RecordProperty("problem_after_" + std::to_string(bytes), result.problem);
  }
}

TEST(SshProverAgainstStrangers, ReportsWhatItMeets) {
  const auto closed = prove(closed_port(), password);
  EXPECT_EQ(closed.readiness, Readiness::unreachable);
  EXPECT_EQ(closed.problem, "Connection refused");
  const LoopbackServer silent(LoopbackServer::says(""));
  const auto nothing = prove(silent.port(), password, Milliseconds(300));
  EXPECT_EQ(nothing.readiness, Readiness::tcp_open);
  EXPECT_EQ(nothing.problem, "no SSH banner within the limit");
  const LoopbackServer garbage(LoopbackServer::says("SSH-2.0-x\r\n" + std::string(4000, '\xff')));
  const auto broken = prove(garbage.port(), password, Milliseconds(2'000));
  EXPECT_EQ(broken.readiness, Readiness::banner);
  EXPECT_NE(broken.problem, "");
  const LoopbackServer hangs_up(LoopbackServer::says_and_leaves("SSH-2.0-x\r\n"));
  const auto gone = prove(hangs_up.port(), password, Milliseconds(2'000));
  EXPECT_EQ(gone.readiness, Readiness::banner);
  EXPECT_NE(gone.problem, "");
}

}  // namespace
}  // namespace rescue::tests
