// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "netboot/store/migrations.hpp"
#include "stored.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace rescue::netboot {
namespace {

class Migration : public Stored {};

TEST_F(Migration, BringsAnEmptyDatabaseUpToDate) {
  EXPECT_EQ(store().schema(), newest_schema());
  open();
  EXPECT_EQ(store().schema(), newest_schema());
}

/// As the first version wrote it, taken from one of its files.
constexpr const char* first_schema[] = {
    "CREATE TABLE schema_version (version INTEGER NOT NULL)",
    "INSERT INTO schema_version (version) VALUES (1)",
    "CREATE TABLE servers (name TEXT NOT NULL PRIMARY KEY, firmware TEXT NOT NULL, address TEXT NOT NULL,"
    " loader TEXT NOT NULL, created_ms BIGINT NOT NULL)",
    "CREATE TABLE server_macs (mac TEXT NOT NULL PRIMARY KEY, server TEXT NOT NULL REFERENCES servers (name),"
    " position INTEGER NOT NULL)",
    "CREATE INDEX server_macs_of_server ON server_macs (server)",
    "CREATE TABLE leases (id INTEGER PRIMARY KEY AUTOINCREMENT, server TEXT NOT NULL REFERENCES servers (name),"
    " mode TEXT NOT NULL, policy TEXT NOT NULL, requested_by TEXT NOT NULL, reason TEXT NOT NULL,"
    " granted_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, boots INTEGER NOT NULL, last_boot_ms BIGINT,"
    " ended_ms BIGINT, ended_by TEXT)",
    "CREATE UNIQUE INDEX leases_current ON leases (server) WHERE ended_ms IS NULL",
    "CREATE INDEX leases_of_server ON leases (server)",
    "CREATE TABLE tokens (hash TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL,"
    " server TEXT REFERENCES servers (name), label TEXT NOT NULL, created_ms BIGINT NOT NULL)",
    "INSERT INTO servers VALUES ('web-01', 'uefi', '203.0.113.7', '', 1000)",
    "INSERT INTO server_macs VALUES ('52:54:00:00:00:01', 'web-01', 0)",
};

TEST_F(Migration, KeepsServersAndLeasesOfTheFirstSchema) {
  store_.reset();
  for (const auto* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
  {
    soci::session session(soci::sqlite3, "dbname=\"" + path() + "\"");
    for (const auto* const statement : first_schema) session << statement;
    const auto granted = std::chrono::duration_cast<Milliseconds>(clock_.wall().time_since_epoch()).count();
    const auto expires = granted + 3'600'000;
    session << "INSERT INTO leases (server, mode, policy, requested_by, reason, granted_ms, expires_ms, boots)"
               " VALUES ('web-01', 'rescue-windows', 'until-finished', 'admin', 'locked out', :granted, :expires, 0)",
        soci::use(granted), soci::use(expires);
  }
  open();
  EXPECT_EQ(store().schema(), newest_schema());
  EXPECT_EQ(store().server(web_).lease.value().reason, "locked out");
  EXPECT_EQ(boot(), BootMode::rescue_windows);
  EXPECT_NO_THROW((void)store().end_lease(web_, "admin"));
  EXPECT_NO_THROW(store().remove_server(web_));
}

TEST_F(Migration, TakesBmcsOfEarlierSchemasForIpmi) {
  store().add_server(server_named("web-01"));
  {
    soci::session session(soci::sqlite3, "dbname=\"" + path() + "\"");
    session << "INSERT INTO bmcs (server, address, port, login, cipher_suite, sealed_password)"
               " VALUES ('web-01', '192.0.2.20', 623, 'rescue', 17, 'sealed')";
  }
  const auto bmc = store().server(web_).server.bmc.value();
  EXPECT_EQ(bmc.kind, BmcKind::ipmi);
  EXPECT_EQ(bmc.cipher_suite, 17U);
  EXPECT_EQ(bmc.fingerprint, "");
}

TEST_F(Migration, RefusesADatabaseOfANewerVersion) {
  store_.reset();
  {
    soci::session session(soci::sqlite3, "dbname=\"" + path() + "\"");
    session << "UPDATE schema_version SET version = 99";
  }
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::precondition);
}

TEST_F(Migration, RefusesAFileThatIsNoDatabase) {
  store_.reset();
  write_file_atomically(path(), std::string(8192, 'x'), 0600);
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::io);
}

TEST_F(Migration, TakesAnEmptyFileForAnEmptyDatabase) {
  store_.reset();
  for (const auto* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
  write_file_atomically(path(), "", 0600);
  open();
  EXPECT_EQ(store().schema(), newest_schema());
}

TEST_F(Migration, TellsADatabaseThatFailsFromOneThatAnswers) {
  EXPECT_NO_THROW(store().check());
  {
    soci::session session(soci::sqlite3, "dbname=\"" + path() + "\"");
    session << "PRAGMA foreign_keys = OFF";
    session << "DROP TABLE tokens";
    session << "DROP TABLE leases";
    session << "DROP TABLE server_macs";
    session << "DROP TABLE servers";
  }
  EXPECT_EQ(code_of([&] { store().check(); }), ErrorCode::unavailable);
}

}  // namespace
}  // namespace rescue::netboot
