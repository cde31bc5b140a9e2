// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "daemon_under_test.hpp"

#include <sys/stat.h>

namespace rescue::netboot {
namespace {

class Netbootd : public DaemonUnderTest {};

TEST_F(Netbootd, StopsOnSigtermAndKeepsItsLeasesOverARestart) {
  ASSERT_EQ(as_admin("POST", "/v1/servers", R"({"name": "web-01", "macs": ["525400123456"]})").status, 201U);
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "rescue-windows"})").status, 200U);
  EXPECT_EQ(stop(SIGTERM), 0);
  start();
  EXPECT_NE(ask("GET", "/boot/525400123456.ipxe").body.find("vmlinuz"), std::string::npos);
}

TEST_F(Netbootd, KeepsWhatItConfirmedOverACrash) {
  ASSERT_EQ(as_admin("POST", "/v1/servers", R"({"name": "web-01", "macs": ["525400123456"]})").status, 201U);
  EXPECT_EQ(stop(SIGKILL), 128 + SIGKILL);
  start();
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01").status, 200U);
}

TEST_F(Netbootd, KeepsItsFilesToItself) {
  if (on_postgresql()) GTEST_SKIP() << "files are SQLite's";
  for (const auto* const name : {"db.sqlite", "admin.token"}) {
    struct stat status {};
    ASSERT_EQ(::stat(in_folder(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 077U, 0U) << name;
  }
}

TEST_F(Netbootd, ReplacesTheAdminTokenByANewOne) {
  const auto before = read_secret_file(token_file());
  EXPECT_EQ(netbootd({"--init-admin-token", token_file()}).status, 1) << "never overwrites a file";
  ASSERT_EQ(as_admin("GET", "/v1/servers").status, 200U) << "a refused attempt changes nothing";
  ASSERT_EQ(netbootd({"--init-admin-token", in_folder("new.token")}).status, 0);
  EXPECT_EQ(ask("GET", "/v1/servers", "", before.clone()).status, 401U);
  EXPECT_EQ(ask("GET", "/v1/servers", "", read_secret_file(in_folder("new.token"))).status, 200U);
}

TEST_F(Netbootd, ChecksItsConfiguration) {
  EXPECT_EQ(netbootd({"--check"}).status, 0);
  configure("leese: {ttl: 4h}\n");
  const auto wrong = netbootd({"--check"});
  EXPECT_EQ(wrong.status, 3);
  EXPECT_NE(wrong.err.find("netbootd.yaml:3: leese: is not a known key"), std::string::npos) << wrong.err;
  EXPECT_NE(wrong.err.find("hint: Did you mean 'lease'?"), std::string::npos) << wrong.err;
}

TEST_F(Netbootd, SaysThatItsPortIsTaken) {
  const auto port = read_file(in_folder("port"));
  write_file_atomically(config_file(),
                        "listen: {port: " + port + "}\ndatabase: {path: '" + in_folder("b.sqlite") + "'}\n", 0600);
  const auto second = netbootd({});
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find("error: another process already listens on 127.0.0.1"), std::string::npos) << second.err;
}

TEST_F(Netbootd, TellsItsWatchdogInTime) {
  ASSERT_EQ(stop(), 0);
  constexpr std::chrono::seconds limit(3);
  const RunningNetbootd watched(config_file(), in_folder(""), {}, {"WATCHDOG_USEC=3000000"});
  for (int i = 0; i < 4; ++i) {
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(watched.notified(), "WATCHDOG=1");
    EXPECT_LT(std::chrono::steady_clock::now() - before, limit);
  }
}

TEST_F(Netbootd, RefusesUnknownArguments) { EXPECT_EQ(netbootd({"--chek"}).status, 2); }

}  // namespace
}  // namespace rescue::netboot
