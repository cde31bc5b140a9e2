// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "host_agent_under_test.hpp"
#include "simulated_bmc.hpp"

#include <sys/stat.h>

namespace rescue::netboot {
namespace {

using nlohmann::json;

class RescueOfNetbootctl : public ServerThatBoots {
protected:
  void SetUp() override {
    ServerThatBoots::SetUp();
    restart_with("", "bmc: {settle: 2s, patience: 5s}\nsecrets: {key_file: '" + in_folder("secrets.key") + "'}\n");
  }
  /// Brings a session to serving, with credentials sealed for this key.
  void serve(const std::string& public_key) const {
    ASSERT_NE(boot().find("vmlinuz"), std::string::npos);
    ASSERT_EQ(redeem(unpacked(second_initrd().body)["boot_token"]).status, 201U);
    const auto sealed = seal(Secret(R"({"password":"pass"})"), bytes_of_base64(public_key).value());
    ASSERT_EQ(as_agent("PUT", "/v1/agent/credentials", json{{"sealed", base64_of(sealed)}}.dump()).status, 204U);
    (void)heartbeat({{"phase", "serving"}, {"connection", {{"address", "203.0.113.7"}, {"user", "Administrator"}}}});
  }
  static mode_t mode_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
  }
};

TEST_F(RescueOfNetbootctl, StartsTakesTheCredentialsAndFinishes) {
  const auto key = in_folder("web-01.key");
  const auto started = netbootctl({"rescue", "start", "web-01", "--generate-key", key, "--reason", "ticket", "--json"});
  ASSERT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(json::parse(started.out)["kind"], "rescue");
  EXPECT_EQ(mode_of(key), 0600U);
  EXPECT_NE(netbootctl({"rescue", "show", "web-01"}).out.find("booting"), std::string::npos);
  const auto public_key = read_file(key + ".pub");
  serve(public_key.substr(0, public_key.find('\n')));
  EXPECT_EQ(netbootctl({"task", "show", "t-1", "--wait"}).status, 0);
  const auto shown = netbootctl({"rescue", "show", "web-01"}).out;
  EXPECT_NE(shown.find("Administrator"), std::string::npos) << shown;

  const auto other = in_folder("other.key");
  ASSERT_EQ(netbootctl({"keygen", other}).status, 0);
  const auto file = in_folder("web-01.credentials");
  const auto wrong = netbootctl({"rescue", "credentials", "web-01", "--secret-key", other, "--output", file});
  EXPECT_EQ(wrong.status, 2) << "a wrong key costs nothing";
  EXPECT_EQ(netbootctl({"rescue", "credentials", "web-01", "--secret-key", key}).status, 2) << "no terminal";
  const auto taken = netbootctl({"rescue", "credentials", "web-01", "--secret-key", key, "--output", file});
  ASSERT_EQ(taken.status, 0) << taken.err;
  EXPECT_EQ(taken.out.find("pass\""), std::string::npos);
  EXPECT_EQ(read_file(file), R"({"password":"pass"})");
  EXPECT_EQ(mode_of(file), 0600U);
  const auto again = netbootctl({"rescue", "credentials", "web-01", "--secret-key", key, "--output", in_folder("x")});
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.err.find("handed out at"), std::string::npos) << again.err;
  EXPECT_FALSE(std::filesystem::exists(in_folder("x")));

  const auto discard = netbootctl({"rescue", "finish", "web-01", "--changes", "discard"});
  EXPECT_EQ(discard.status, 1);
  EXPECT_NE(discard.err.find("can't be discarded"), std::string::npos) << discard.err;
  EXPECT_EQ(netbootctl({"rescue", "finish", "web-01", "--then", "stay", "--changes", "keep"}).status, 0);
  EXPECT_NE(netbootctl({"task", "list", "web-01"}).out.find("t-2   finish"), std::string::npos);
}

TEST_F(RescueOfNetbootctl, SaysWhyATaskFailed) {
  SimulatedBmc bmc(in_folder("bmc"));
  const auto password = in_folder("bmc.password");
  write_file_atomically(password, "wrong", 0600);
  const auto set =
      netbootctl({"server", "bmc", "web-01", "--bmc-address", "127.0.0.1", "--bmc-port", std::to_string(bmc.port()),
                  "--bmc-user", SimulatedBmc::user, "--bmc-password-file", password});
  ASSERT_EQ(set.status, 0) << set.err;
  EXPECT_NE(set.out.find("as operator, cipher suite 3"), std::string::npos) << set.out;
  const auto failed = netbootctl({"power", "set", "web-01", "on", "--wait"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_NE(failed.err.find("refuses user or password"), std::string::npos) << failed.err;
  EXPECT_NE(failed.err.find("power: failed"), std::string::npos) << failed.err;
  write_file_atomically(password, SimulatedBmc::password, 0600);
  ASSERT_EQ(netbootctl({"server", "add", "db-01", "--mac", "525400000002", "--bmc-address", "127.0.0.1", "--bmc-port",
                        std::to_string(bmc.port()), "--bmc-user", SimulatedBmc::user, "--bmc-password-file", password})
                .status,
            0);
  EXPECT_EQ(netbootctl({"power", "set", "db-01", "on", "--wait"}).status, 0);
  EXPECT_EQ(netbootctl({"power", "show", "db-01"}).out, "server:  db-01\npower:   on\n");
  EXPECT_EQ(netbootctl({"server", "add", "x-01", "--mac", "525400000003", "--bmc-address", "::1"}).status, 2);
}

TEST_F(RescueOfNetbootctl, MakesKeysThatItNeverOverwrites) {
  const auto key = in_folder("k");
  EXPECT_EQ(netbootctl({"keygen", key}, in_folder("no-token-is-needed")).status, 0);
  EXPECT_EQ(netbootctl({"keygen", key}).status, 1);
}

}  // namespace
}  // namespace rescue::netboot
