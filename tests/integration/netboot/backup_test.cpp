// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Runs the commands of docs/database.md on files of the test.
#include "daemon_under_test.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace rescue::netboot {
namespace {

class Backup : public DaemonUnderTest {
protected:
  /// web-01 must have the test's own address: only from there it gets a boot script of its mode.
  void add(const std::string& name, const std::string& mac, const std::string& address) const {
    const nlohmann::json body{{"name", name}, {"macs", {mac}}, {"address", address}};
    ASSERT_EQ(as_admin("POST", "/v1/servers", body.dump()).status, 201U);
  }
  /// Runs the line of the document that begins with `beginning`.
  void run_documented(const std::string& beginning) const {
    std::istringstream document(read_file(RESCUE_SOURCE_DIR "/docs/database.md"));
    std::string line;
    while (std::getline(document, line) && !line.starts_with(beginning)) {
    }
    ASSERT_TRUE(document) << "docs/database.md has no line '" << beginning << "...'";
    replace_all(line, "/var/lib/netbootd/netbootd.sqlite", in_folder("db.sqlite"));
    replace_all(line, "/var/backups", in_folder("backups"));
    replace_all(line, "--owner netbootd", "");
    Command command;
    command.argv = {"sh", "-euc", line};
    if (on_postgresql()) command.environment = {"url=" + RealPostgresql::shared().url(database())};
    run_checked(command);
  }
  void expect_as_it_was() const {
    EXPECT_EQ(as_admin("GET", "/v1/servers/web-01").status, 200U);
    EXPECT_EQ(as_admin("GET", "/v1/servers/db-01").status, 404U) << "it came later";
    EXPECT_NE(ask("GET", "/boot/525400000001.ipxe").body.find("vmlinuz"), std::string::npos) << "the lease stands";
    add("db-01", "52:54:00:00:00:02", "203.0.113.8");
    EXPECT_EQ(as_admin("PUT", "/v1/servers/db-01/boot-mode", R"({"mode": "rescue-windows"})").status, 200U);
  }

private:
  static void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
};

TEST_F(Backup, IsTakenWhileNetbootdRunsAndRestored) {
  std::filesystem::create_directory(in_folder("backups"));
  add("web-01", "52:54:00:00:00:01", "127.0.0.1");
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "rescue-windows"})").status, 200U);
  run_documented(on_postgresql() ? "pg_dump " : "sqlite3 ");
  add("db-01", "52:54:00:00:00:02", "203.0.113.8");
  ASSERT_EQ(stop(), 0);
  if (on_postgresql()) {
    run_documented("pg_restore ");
  } else {
    run_documented("rm ");
    run_documented("install --mode 0600 --owner netbootd /var/backups/");
  }
  start();
  expect_as_it_was();
}

}  // namespace
}  // namespace rescue::netboot
