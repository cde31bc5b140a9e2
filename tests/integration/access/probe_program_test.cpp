// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The program that connects to the guest: its privileges, and proofs after a guest has taken it over.
#include "core/error.hpp"
#include "tests/integration/access/child_process.hpp"
#include "tests/integration/access/loopback.hpp"
#include "tests/integration/access/programs.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>

namespace rescue::tests {
namespace {

using domain::RdpProof;
using domain::Readiness;

constexpr const char* password = "Right1!pw";
constexpr Milliseconds ample{20'000};

domain::SshResult prove_ssh(unsigned port, Milliseconds limit, access::Programs with = programs()) {
  return access::CustomerAccessProbe(std::move(with))
      .prove_ssh({"127.0.0.1", "Administrator", port, 0}, Secret(password), limit);
}
domain::RdpResult prove_rdp(unsigned port, Milliseconds limit, access::Programs with = programs()) {
  return access::CustomerAccessProbe(std::move(with))
      .prove_rdp({"127.0.0.1", "Administrator", 0, port}, Secret(password), limit);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The socket that is connected to `port` of the loopback interface, as in /proc/PID/fd; empty if there is none.
std::string client_socket_to(unsigned port) {
  std::istringstream table(read_file("/proc/net/tcp"));
  const auto remote = fmt::format("0100007F:{:04X}", port);
  for (std::string line; std::getline(table, line);) {
    std::istringstream columns(line);
    const std::vector<std::string> column{std::istream_iterator<std::string>(columns), {}};
    if (column.size() > 9 && column[2] == remote && column[3] == "01") return "socket:[" + column[9] + "]";
  }
  return {};
}

/// All processes that have it open.
std::vector<pid_t> owners_of(const std::string& socket) {
  std::vector<pid_t> owners;
  std::error_code gone;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    const auto pid = std::atoi(process.path().filename().c_str());
    if (pid == 0) continue;
    for (const auto& fd : std::filesystem::directory_iterator(process.path() / "fd", gone)) {
      if (std::filesystem::read_symlink(fd.path(), gone) == socket) owners.push_back(pid);
    }
  }
  return owners;
}

/// The processes that are connected to a silent server during one of these proofs.
std::vector<pid_t> connected_to(unsigned port) {
  std::vector<pid_t> owners;
  EXPECT_TRUE(eventually([&] {
    const auto socket = client_socket_to(port);
    if (!socket.empty()) owners = owners_of(socket);
    return !owners.empty();
  }));
  return owners;
}

void expect_nothing_owned(pid_t pid) {
  const auto process = std::filesystem::path("/proc") / std::to_string(pid);
  const auto status = read_file(process / "status");
  for (const auto* const line :
       {"Uid:\t65534\t65534\t65534\t65534\n", "Gid:\t65534\t65534\t65534\t65534\n", "NoNewPrivs:\t1\n", "Groups:\t \n",
        "Threads:\t1\n", "CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000000\n", "CapEff:\t0000000000000000\n",
        "CapBnd:\t0000000000000000\n", "CapAmb:\t0000000000000000\n"}) {
    EXPECT_NE(status.find(line), std::string::npos) << line << status;
  }
  // Others can read these files; no other process can read the memory.
  EXPECT_EQ(read_file(process / "cmdline").find(password), std::string::npos);
  EXPECT_EQ(read_file(process / "environ").find(password), std::string::npos);
#ifndef __SANITIZE_ADDRESS__
  const auto limits = read_file(process / "limits");
  for (const auto* const limit :
       {"Max address space         2147483648           2147483648 ",
        "Max processes             0                    0 ", "Max cpu time              60                   60 ",
        "Max core file size        0                    0 "}) {
    EXPECT_NE(limits.find(limit), std::string::npos) << limit << limits;
  }
#endif
}

class AccessProbe : public testing::Test {
protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root has something to give up";
  }

  const LoopbackServer silent_{LoopbackServer::says("")};
};

TEST_F(AccessProbe, SpeaksSshWithTheGuestAsNobodyAndRescuedDoesNot) {
  auto proof = std::async(std::launch::async, [&] { return prove_ssh(silent_.port(), Milliseconds(3'000)); });
  const auto owners = connected_to(silent_.port());
  ASSERT_EQ(owners.size(), 1U);
  EXPECT_NE(owners[0], ::getpid());
  expect_nothing_owned(owners[0]);
  EXPECT_EQ(proof.get().problem, "no SSH banner within the limit");
}

TEST_F(AccessProbe, SpeaksTlsWithTheGuestAsNobodyAndRescuedDoesNot) {
  auto proof = std::async(std::launch::async, [&] { return prove_rdp(silent_.port(), Milliseconds(3'000)); });
  const auto owners = connected_to(silent_.port());
  ASSERT_EQ(owners.size(), 1U);
  EXPECT_NE(owners[0], ::getpid());
  expect_nothing_owned(owners[0]);
  EXPECT_EQ(proof.get().problem, "RDP negotiation: no answer within the limit");
}

TEST_F(AccessProbe, ConnectsFromWhereItIsStarted) {
  std::atomic<int> connections = 0;
  const LoopbackServer server([&](int, const std::atomic<bool>&) { ++connections; });
  const auto elsewhere = programs({"unshare", "--net"});
  EXPECT_EQ(prove_ssh(server.port(), ample, elsewhere).problem, "Network is unreachable");
  EXPECT_EQ(prove_rdp(server.port(), ample, elsewhere).problem, "Network is unreachable");
  EXPECT_EQ(connections, 0);
}

TEST_F(AccessProbe, IsStartedInTheNamespaceOfTheProbe) {
  const auto here = programs({"nsenter", "--net=/proc/self/ns/net"});
  EXPECT_EQ(prove_ssh(silent_.port(), Milliseconds(500), here).problem, "no SSH banner within the limit");
  const auto lost = prove_ssh(silent_.port(), ample, programs({"nsenter", "--net=/run/netns/no-such-namespace"}));
  EXPECT_EQ(lost.readiness, Readiness::unreachable);
  EXPECT_NE(lost.problem.find("cannot open /run/netns/no-such-namespace"), std::string::npos) << lost.problem;
}

TEST_F(AccessProbe, ThatIsKilledIsAProofThatFailed) {
  auto proof = std::async(std::launch::async, [&] { return prove_ssh(silent_.port(), ample); });
  const auto owners = connected_to(silent_.port());
  ASSERT_EQ(owners.size(), 1U);
  ASSERT_NE(owners[0], ::getpid());
  ::kill(owners[0], SIGKILL);
  const auto result = proof.get();
  EXPECT_EQ(result.readiness, Readiness::unreachable);
  EXPECT_EQ(result.problem, "the program that connects to the server by SSH was ended by signal 9");
}

TEST(AccessProbeByHand, RefusesWhatItIsNotMeantFor) {
  using Arguments = std::vector<std::string>;
  for (const auto& wrong :
       {Arguments{}, Arguments{"ssh"}, Arguments{"rdp", "127.0.0.1", "0", "1000"},
        Arguments{"rdp", "127.0.0.1", "65536", "1000"}, Arguments{"rdp", "127.0.0.1", "22x", "1000"},
        Arguments{"rdp", "127.0.0.1", "22", "0"}, Arguments{"rdp", "127.0.0.1", "22", "-1"},
        Arguments{"rdp", "127.0.0.1", "22", "1000", "user"}, Arguments{"ssh", "127.0.0.1", "22", "1000"}}) {
    auto argv = wrong;
    argv.insert(argv.begin(), RESCUE_ACCESS_PROBE);
    const auto completed = run(command(argv));
    EXPECT_EQ(completed.status, 2) << testing::PrintToString(wrong);
    EXPECT_EQ(completed.out, "");
  }
  const auto completed =
      run(command({RESCUE_ACCESS_PROBE, "ssh", "127.0.0.1", "22", "1000", "x"}, std::string(2'000, 'x')));
  EXPECT_EQ(completed.status, 1);
  EXPECT_EQ(completed.err, "the password or key is too long\n");
}

/// A script in the program's place, as a program that a guest has taken over.
class TakenOver {
public:
  explicit TakenOver(const std::string& script) { folder_.write("probe", "#!/bin/sh\n" + script + "\n", 0700); }
  [[nodiscard]] access::Programs programs() const { return {folder_ / "probe", RESCUE_RDP_LOGIN, {}}; }

  /// The problem of the proof, which is the same for SSH and RDP except for their names.
  [[nodiscard]] std::string problem(Milliseconds limit = ample) const {
    const auto ssh = prove_ssh(1, limit, programs());
    EXPECT_EQ(ssh.readiness, Readiness::unreachable);
    EXPECT_EQ(ssh.host_key_fingerprint + ssh.host_key_type + ssh.command_output, "");
    const auto rdp = prove_rdp(1, limit, programs());
    EXPECT_EQ(rdp.readiness, Readiness::unreachable);
    EXPECT_EQ(rdp.proof, RdpProof::none);
    EXPECT_EQ(rdp.certificate_fingerprint, "");
    const std::string intro = "the program that connects to the server by SSH ";
    EXPECT_EQ(ssh.problem.substr(0, intro.size()), intro);
    const auto rest = ssh.problem.substr(std::min(intro.size(), ssh.problem.size()));
    EXPECT_EQ(rdp.problem, "the program that connects to the server by RDP " + rest);
    return rest;
  }

private:
  TemporaryFolder folder_;
};

TEST(TakenOverProbe, ThatEndsWithoutAnAnswerIsAProofThatFailed) {
  EXPECT_EQ(TakenOver("kill -SEGV $$").problem(), "was ended by signal 11");
  EXPECT_EQ(TakenOver("echo out of memory >&2; exit 1").problem(), "ended with 1: out of memory");
  EXPECT_EQ(TakenOver("printf '\\033[2Jx\\ny' >&2; exit 3").problem(), "ended with 3: \\x1b[2Jx");
  // A shell or nsenter uses these codes for a missing program: a guest must not be able to blame the installation.
  EXPECT_EQ(TakenOver("exit 127").problem(), "ended with 127: ");
  EXPECT_EQ(TakenOver("exit 126").problem(), "ended with 126: ");
}

TEST(TakenOverProbe, ThatAnswersNonsenseIsAProofThatFailed) {
  const std::string unusable = "gave an invalid answer: ";
  EXPECT_EQ(TakenOver("exit 0").problem(), unusable + "it is not a JSON object");
  EXPECT_EQ(TakenOver("echo hello").problem(), unusable + "it is not a JSON object");
  EXPECT_EQ(TakenOver("printf '{}{}'").problem(), unusable + "it is not a JSON object");
  EXPECT_EQ(TakenOver("echo '{}'").problem(), unusable + "it lacks readiness");
  EXPECT_EQ(TakenOver("echo '{\"readiness\":[]}'").problem(), unusable + "it is nested");
  EXPECT_EQ(TakenOver("head -c 2000000 /dev/zero | tr '\\0' '['").problem(), unusable + "it is too long");
  EXPECT_EQ(TakenOver("head -c 9000000 /dev/zero").problem(), unusable + "it is too long");
}

TEST(TakenOverProbe, ThatDoesNotEndIsKilledAtTheLimit) {
  for (const auto* const script : {"exec sleep 30", "exec yes", "trap '' TERM; while :; do sleep 1; done"}) {
    const TakenOver probe(script);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(probe.problem(Milliseconds(200)), "did not end within the limit") << script;
    EXPECT_LT(std::chrono::steady_clock::now() - before, Milliseconds(6'000)) << script;  // two proofs
  }
}

/// A script that answers for RDP.
std::string says_of_rdp(const std::string& readiness, const std::string& fingerprint, const std::string& problem) {
  return fmt::format(R"(echo '{{"readiness":"{}","nla":true,"certificate_fingerprint":"{}","problem":"{}"}}')",
                     readiness, fingerprint, problem);
}

TEST(TakenOverProbe, ProvesNoLoginAndChoosesNoArgument) {
  const auto login = prove_rdp(1, ample, TakenOver(says_of_rdp("authenticated", "", "")).programs());
  EXPECT_EQ(login.readiness, Readiness::unreachable);
  EXPECT_EQ(login.proof, RdpProof::none);
  const auto option = prove_rdp(1, ample, TakenOver(says_of_rdp("banner", "/sec:rdp", "")).programs());
  EXPECT_EQ(option.readiness, Readiness::unreachable);
  EXPECT_NE(option.problem.find("certificate_fingerprint is invalid"), std::string::npos) << option.problem;
}

TEST(TakenOverProbe, SaysNothingThatATerminalObeys) {
  const auto result = prove_rdp(1, ample, TakenOver(says_of_rdp("tcp-open", "", R"(\\u001b[2J\\u202ex)")).programs());
  EXPECT_EQ(result.problem, "\\x1b[2J\\u202ex");
}

/// The fault is in our installation, not in the guest.
TEST(MissingProbe, IsAnErrorAlsoBehindAPrefix) {
  for (const auto& prefix : {std::vector<std::string>{}, std::vector<std::string>{"env", "--"}}) {
    auto missing = programs(prefix);
    missing.probe = "/nonexistent/rescue-access-probe";
    try {
      (void)prove_ssh(1, ample, missing);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::subprocess);
      EXPECT_STREQ(error.what(), "cannot start /nonexistent/rescue-access-probe: No such file or directory");
    }
    EXPECT_THROW((void)prove_rdp(1, ample, missing), Error);
  }
  EXPECT_THROW((void)prove_ssh(1, ample, programs({"/nonexistent/nsenter"})), Error);
}

}  // namespace
}  // namespace rescue::tests
