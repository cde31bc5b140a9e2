// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "orchestrator/rdp/login_protocol.hpp"
#include "tests/integration/access/programs.hpp"
#include "tests/integration/access/rdp_server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace rescue::tests {
namespace {

using domain::RdpProof;
using domain::Readiness;

constexpr Milliseconds ample{30'000};

domain::RdpResult prove(unsigned port, const char* password, Milliseconds limit = ample,
                        access::Programs with = programs()) {
  access::CustomerAccessProbe probe(std::move(with));
  return probe.prove_rdp({"127.0.0.1", "Administrator", 0, port}, Secret(password), limit);
}

class RdpProver : public testing::Test {
protected:
  void SetUp() override {
    if (const auto reason = RdpServer::missing(); !reason.empty()) GTEST_SKIP() << reason;
  }
};

TEST_F(RdpProver, LogsInByNlaWithTheRightPassword) {
  const RdpServer server("nla");
  const auto result = prove(server.port(), "Right1!pw");
  EXPECT_EQ(result.readiness, Readiness::authenticated) << result.problem << server.log();
  EXPECT_EQ(result.proof, RdpProof::authenticated);
  EXPECT_TRUE(result.nla);
  EXPECT_EQ(result.certificate_fingerprint, server.fingerprint());
  EXPECT_EQ(result.problem, "");
}

TEST_F(RdpProver, DoesNotLogInByNlaWithAWrongPassword) {
  const RdpServer server("nla");
  for (const auto* wrong : {"wrong", "right1!pw", "Right1!pw\n"}) {
    const auto result = prove(server.port(), wrong);
    EXPECT_EQ(result.readiness, Readiness::banner);
    EXPECT_EQ(result.proof, RdpProof::none);
    EXPECT_TRUE(result.nla);
    EXPECT_EQ(result.certificate_fingerprint, server.fingerprint());
    EXPECT_NE(result.problem.find("NLA login as Administrator"), std::string::npos) << result.problem;
    EXPECT_EQ(result.problem.find(wrong), std::string::npos) << "the password is in the message";
  }
}

TEST_F(RdpProver, SaysSoWhenOnlyTheHandshakeCouldBeProven) {
  const RdpServer server("tls");
  const auto result = prove(server.port(), "anything");
  EXPECT_EQ(result.readiness, Readiness::banner) << result.problem;
  EXPECT_EQ(result.proof, RdpProof::handshake_only);
  EXPECT_FALSE(result.nla);
  EXPECT_EQ(result.certificate_fingerprint, server.fingerprint());
  EXPECT_EQ(result.problem, "");
}

TEST_F(RdpProver, IsNotContentWithRdpsOwnEncryption) {
  const RdpServer server("rdp");
  const auto result = prove(server.port(), "anything");
  EXPECT_EQ(result.readiness, Readiness::tcp_open);
  EXPECT_EQ(result.proof, RdpProof::none);
  EXPECT_NE(result.problem, "");
}

TEST_F(RdpProver, IsNotHeldUpByAServerThatStalls) {
  const RdpServer server("nla");
  for (const std::size_t bytes : {3U, 12U, 19U, 60U, 800U, 1'500U}) {
    const LoopbackServer stalling(LoopbackServer::stalls_after(bytes, server.port()));
    const auto before = std::chrono::steady_clock::now();
    const auto result = prove(stalling.port(), "Right1!pw", Milliseconds(700));
    EXPECT_LT(std::chrono::steady_clock::now() - before, Milliseconds(2'500)) << bytes;
    EXPECT_NE(result.proof, RdpProof::authenticated) << bytes;
    EXPECT_NE(result.problem, "") << bytes;
  }
}

/// Status in /proc of the process with this argument, once its user is no longer root; empty after 20 s.
std::string status_of_login_to(unsigned port) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto argument = std::string(1, '\0') + std::to_string(port) + std::string(1, '\0');
  while (std::chrono::steady_clock::now() < deadline) {
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(process.path() / "cmdline");
      const std::string line{std::istreambuf_iterator<char>(file), {}};
      if (line.find("rescue-rdp-login") == std::string::npos || line.find(argument) == std::string::npos) continue;
      std::ifstream status_file(process.path() / "status");
      std::string status{std::istreambuf_iterator<char>(status_file), {}};
      if (status.find("NoNewPrivs:\t1") != std::string::npos) return status;
    }
  }
  return {};
}

TEST_F(RdpProver, ReadsWhatTheGuestSendsAsNobody) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root has something to give up";
  const RdpServer server("nla");
  const LoopbackServer stalling(LoopbackServer::says(""));
  const std::string certificate(95, '0');
  std::thread login([&] {
    auto stalled = command({RESCUE_RDP_LOGIN, "127.0.0.1", std::to_string(stalling.port()), "x", certificate}, "x");
    stalled.time_limit = Milliseconds(3'000);
    (void)run(stalled);
  });
  const auto status = status_of_login_to(stalling.port());
  login.join();
  EXPECT_NE(status.find("Uid:\t65534\t65534\t65534\t65534"), std::string::npos) << status;
  EXPECT_NE(status.find("Gid:\t65534\t65534\t65534\t65534"), std::string::npos);
  for (const auto* const set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    EXPECT_NE(status.find(std::string(set) + ":\t0000000000000000"), std::string::npos) << set;
  }
}

TEST_F(RdpProver, LogsInOnlyAtTheCertificateThatWasSeen) {
  const RdpServer server("nla");
  const std::string other(95, '0');
  const auto completed =
      run(command({RESCUE_RDP_LOGIN, "127.0.0.1", std::to_string(server.port()), "Administrator", other}, "Right1!pw"));
  EXPECT_EQ(completed.status, rdp::login::unreachable);
  EXPECT_NE(completed.out.find("certificate differs"), std::string::npos) << completed.out;
}

TEST(RdpProverAgainstStrangers, ReportsWhatItMeets) {
  const auto closed = prove(closed_port(), "x");
  EXPECT_EQ(closed.readiness, Readiness::unreachable);
  EXPECT_EQ(closed.problem, "Connection refused");
  const LoopbackServer silent(LoopbackServer::says(""));
  EXPECT_EQ(prove(silent.port(), "x", Milliseconds(300)).problem, "RDP negotiation: no answer within the limit");
  const LoopbackServer ssh(LoopbackServer::says("SSH-2.0-OpenSSH_9.2\r\n"));
  EXPECT_EQ(prove(ssh.port(), "x").problem, "the service on this port is not RDP");
  const LoopbackServer leaves(LoopbackServer::says_and_leaves(""));
  EXPECT_EQ(prove(leaves.port(), "x").problem, "RDP negotiation: the server closed the connection");
}

TEST(RdpProverAgainstStrangers, ReportsATlsHandshakeThatFails) {
  const std::string selects_tls("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x01\x00\x00\x00", 19);
  const LoopbackServer garbage(LoopbackServer::says(selects_tls + std::string(100, 'x')));
  const auto result = prove(garbage.port(), "x", Milliseconds(2'000));
  EXPECT_EQ(result.readiness, Readiness::tcp_open);
  EXPECT_NE(result.problem.find("the TLS handshake failed"), std::string::npos) << result.problem;
  EXPECT_EQ(result.certificate_fingerprint, "");
}

TEST_F(RdpProver, ThrowsWhenItsOwnProgramIsMissing) {
  const RdpServer server("nla");
  EXPECT_THROW((void)prove(server.port(), "x", ample, {RESCUE_ACCESS_PROBE, "/nonexistent/rescue-rdp-login", {}}),
               Error);
}

}  // namespace
}  // namespace rescue::tests
