// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A private store on SQLite or PostgreSQL, with a clock that the test advances, and servers for it.

#include "core/error.hpp"
#include "migrated.hpp"
#include "netboot/boot/catalogue.hpp"
#include "netboot/service/leases.hpp"
#include "netboot/service/servers.hpp"
#include "netboot/service/sessions.hpp"
#include "netboot/service/tokens.hpp"
#include "netboot/store/boot_records.hpp"
#include "netboot/store/store.hpp"
#include "real_postgresql.hpp"
#include "tests/doubles/fake_clock.hpp"

#include <gtest/gtest.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

inline Server server_named(const std::string& name, const std::string& mac = "52:54:00:00:00:01",
                           const std::string& address = {}) {
  return {ServerName::parse(name), {MacAddress::parse(mac)}, Firmware::uefi, address, "", {}};
}

inline LeaseRequest rescue_for(Milliseconds time_to_live, LeasePolicy policy = LeasePolicy::until_finished) {
  return {BootMode::rescue_windows, policy, time_to_live, "admin", "a test"};
}

/// Boot modes: rescue-windows, rescue-linux, and an operator's memory test and installer.
inline Catalogue full_catalogue() {
  Catalogue catalogue;
  for (const auto& [mode, has_agent] : {std::pair(BootMode::rescue_windows, true), {BootMode::rescue_linux, false}}) {
    catalogue.put({mode, "", ipxe::KernelBoot{"http://a/k", {"http://a/i"}, "", "", 3}, has_agent});
  }
  catalogue.put({BootMode::try_parse("memory-test").value(), "", ipxe::KernelBoot{"http://a/memtest", {}, "", "", 3}});
  catalogue.put({BootMode::try_parse("installer").value(), "", ipxe::ScriptBoot{"http://a/installer.ipxe"}});
  return catalogue;
}

/// Code of the Error that `action` throws.
inline ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

/// Clock of the program, and of PostgreSQL.
class StoredClock final : public Clock {
public:
  [[nodiscard]] SteadyTime now() const override {
    const std::lock_guard lock(mutex_);
    return here_.now();
  }
  [[nodiscard]] WallTime wall() const override {
    const std::lock_guard lock(mutex_);
    return here_.wall();
  }
  bool sleep_for(Milliseconds duration, std::stop_token stop = {}) override {
    advance(duration);
    return !stop.stop_requested();
  }
  void advance(Milliseconds duration) {
    {
      const std::lock_guard lock(mutex_);
      here_.advance(duration);
    }
    set_database();
  }
  /// Replaces the clock of PostgreSQL: functions in `public` take precedence in the sessions of `use_in`.
  static void make_in(const std::string& database) {
    auto& server = RealPostgresql::shared();
    server.sql(database, "CREATE TABLE public.test_clock AS SELECT 0::bigint AS ms");
    server.sql(database, "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
                         " 'SELECT to_timestamp(ms / 1000.0) FROM public.test_clock'");
  }
  /// For a database, or a copy of one, that make_in has changed.
  void use_in(const std::string& database) {
    database_ = database;
    RealPostgresql::shared().sql(database, "ALTER DATABASE " + database + " SET search_path = public, pg_catalog");
    set_database();
  }

private:
  void set_database() const {
    if (database_.empty()) return;
    const auto ms = std::chrono::duration_cast<Milliseconds>(wall().time_since_epoch()).count();
    RealPostgresql::shared().sql(database_, fmt::format("UPDATE public.test_clock SET ms = {}", ms));
  }

  mutable std::mutex mutex_;  ///< other threads read it while the test advances it
  tests::FakeClock here_;
  std::string database_;
};

class Stored : public ::testing::Test {
protected:
  void SetUp() override {
    if (on_postgresql()) {
      if (empty_at_first()) {
        database_ = empty_database();
      } else {
        static const auto original = migrated(empty_database());
        database_ = RealPostgresql::shared().copy_of(original);
      }
      clock_.use_in(database_);
    }
    std::string pattern = ::testing::TempDir() + "rescue netboot XXXXXX";  // paths may contain spaces
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    open();
  }
  void TearDown() override {
    store_.reset();
    if (!database_.empty()) RealPostgresql::shared().drop(database_);
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  /// Whether the store finds no schema on PostgreSQL either. Otherwise it finds the newest: a copy takes a fraction of
  /// the time that the migrations take.
  [[nodiscard]] virtual bool empty_at_first() const { return false; }
  void open() {
    store_.reset();
    store_ = std::make_unique<Store>(settings(), LeaseLimits{}, clock_);
  }
  [[nodiscard]] DatabaseSettings settings() const {
    DatabaseSettings settings(path());
    if (!database_.empty()) settings.url = RealPostgresql::shared().url(database_);
    return settings;
  }
  /// Accesses the database without the store.
  [[nodiscard]] soci::session sql() const {
    if (!database_.empty()) return RealPostgresql::shared().session(database_);
    return {soci::sqlite3, "dbname=\"" + path() + "\" timeout=5"};
  }
  [[nodiscard]] std::string path() const { return folder_ + "/netbootd.sqlite"; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Servers servers() { return Servers(store()); }
  [[nodiscard]] Leases leases() { return Leases(store()); }
  [[nodiscard]] Tokens tokens() { return Tokens(store()); }
  [[nodiscard]] std::vector<ServerState> all_servers() {
    std::vector<ServerState> all;
    for (ServerQuery query;; query.after = all.back().server.name.text()) {
      auto page = servers().find(query);
      all.insert(all.end(), page.servers.begin(), page.servers.end());
      if (page.is_last) return all;
    }
  }
  void put_bmc(const ServerName& name, const std::optional<BmcEndpoint>& bmc) {
    (void)servers().change(name, [&bmc](Server& server) { server.bmc = bmc; });
  }
  [[nodiscard]] BootMode boot(const std::string& mac = "52:54:00:00:00:01", bool count = true) {
    ServerQuery query;
    query.text = mac;
    const auto owner = servers().find(query).servers.at(0).server.name;
    return BootRecords(store()).boot(owner, count).value().mode;
  }
  /// Begins the session of web-01's present boot, at the server's address, for the host agent with the token "agent".
  /// Returns its id.
  std::string begin_session(const std::string& address) {
    Sessions sessions(store(), {});
    const auto boot_token = sessions.mint(MacAddress::parse("52:54:00:00:00:01"), address);
    return sessions.redeem(boot_token.token.reveal(), hash_of("agent")).session.id;
  }

private:
  static std::string empty_database() {
    auto name = RealPostgresql::shared().fresh_database();
    StoredClock::make_in(name);
    return name;
  }

protected:
  StoredClock clock_;
  std::string folder_;
  std::string database_;  ///< name on PostgreSQL; empty: SQLite
  std::unique_ptr<Store> store_;
  const ServerName web_ = ServerName::parse("web-01");
};

}  // namespace rescue::netboot
