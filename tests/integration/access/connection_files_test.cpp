// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// OpenSSH's and FreeRDP's clients connect with the files and commands that are made for customers.

#include "credentials/connection_files.hpp"
#include "tests/integration/access/rdp_server.hpp"
#include "tests/integration/access/ssh_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using credentials::ConnectionDetails;
using net::operator""_ip;
using ::testing::HasSubstr;

constexpr const char* password = "Right1!pw";
const auto loopback = "127.0.0.1"_ip;

ConnectionDetails details_of(const std::string& user) {
  ConnectionDetails details;
  details.addresses = {{loopback, 0}};
  details.user = user;
  return details;
}

class SshCommand : public testing::Test {
protected:
  void SetUp() override {
    if (const auto reason = SshServer::missing(); !reason.empty()) GTEST_SKIP() << reason;
    folder_.write("askpass", std::string("#!/bin/sh\necho '") + password + "'\n", 0700);
  }

  /// Runs the command line of `details` in a shell, with `whoami` as the remote command.
  Completed log_in(const ConnectionDetails& details) {
    folder_.write("known hosts 100%", known_hosts(details));
    const auto line =
        credentials::shell_command(ssh_arguments(details, loopback, folder_ / "known hosts 100%")) + " whoami";
    auto run_line = command({"sh", "-c", line});
    run_line.environment = {"SSH_ASKPASS=" + folder_ / "askpass", "SSH_ASKPASS_REQUIRE=force"};
    return run(run_line);
  }

  TemporaryFolder folder_;
};

TEST_F(SshCommand, LogsInToTheServerWithThisKeyOnly) {
  constexpr const char* user = "rescue-test-user";
  const SshServer server(user, password, "UsePAM no\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n");
  auto details = details_of(user);
  details.ssh_port = static_cast<std::uint16_t>(server.port());
  details.host_keys = {{"ssh-ed25519", server.host_key_blob(), ""}};
  const auto right = log_in(details);
  EXPECT_EQ(right.status, 0) << right.err << server.log();
  EXPECT_EQ(right.out, std::string(user) + "\n");

  run_checked(command({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ / "other"}));
  const auto line = folder_.read("other.pub");
  const auto begin = line.find(' ') + 1;
  details.host_keys[0].blob = line.substr(begin, line.find(' ', begin) - begin);
  const auto other = log_in(details);
  EXPECT_EQ(other.status, 255);
  EXPECT_EQ(other.out, "");
  EXPECT_THAT(other.err, HasSubstr("Host key verification failed"));
}

class RdpClient : public testing::Test {
protected:
  void SetUp() override {
    if (const auto reason = RdpServer::missing(); !reason.empty()) GTEST_SKIP() << reason;
    for (const auto* program : {"/usr/bin/xfreerdp", "/usr/bin/xfreerdp3"}) {
      if (::access(program, X_OK) == 0) client_ = program;
    }
    if (client_.empty()) GTEST_SKIP() << "needs xfreerdp (package freerdp2-x11)";
  }

  Completed authenticate(const RdpServer& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), client_);
    arguments.insert(arguments.end(), {"/from-stdin:force", "+auth-only"});
    auto client = command(std::move(arguments), std::string(password) + "\n");
    client.environment = server.client_environment();
    return run(client);
  }

  std::string client_;
};

TEST_F(RdpClient, AuthenticatesToTheCertificateThatIsPinnedOnly) {
  const RdpServer server("nla");
  auto details = details_of("Administrator");
  details.rdp_port = static_cast<std::uint16_t>(server.port());
  details.rdp_certificate = server.fingerprint();
  const auto right = authenticate(server, freerdp_arguments(details, loopback));
  EXPECT_EQ(right.status, 0) << right.out << right.err << server.log();

  details.rdp_certificate[0] = details.rdp_certificate[0] == '0' ? '1' : '0';
  const auto other = authenticate(server, freerdp_arguments(details, loopback));
  EXPECT_NE(other.status, 0);
  EXPECT_FALSE(other.timed_out);
}

TEST_F(RdpClient, ConnectsToTheAddressOfTheFile) {
  const RdpServer server("nla");
  auto details = details_of("Administrator");
  details.rdp_port = static_cast<std::uint16_t>(server.port());
  const TemporaryFolder folder;
  folder.write("rescue.rdp", rdp_file(details, loopback));
  const auto done = authenticate(server, {folder / "rescue.rdp", "/cert:ignore"});
  EXPECT_EQ(done.status, 0) << done.out << done.err << server.log();
}

}  // namespace
}  // namespace rescue::tests
