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
    session << "DROP TABLE tokens";
    session << "DROP TABLE leases";
    session << "DROP TABLE server_macs";
    session << "DROP TABLE servers";
  }
  EXPECT_EQ(code_of([&] { store().check(); }), ErrorCode::unavailable);
}

}  // namespace
}  // namespace rescue::netboot
