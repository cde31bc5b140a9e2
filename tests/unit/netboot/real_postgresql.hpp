// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs a private PostgreSQL on a socket in a temporary folder.

#include "core/subprocess.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rescue::netboot {

/// True for RESCUE_TEST_DATABASE=postgresql; otherwise tests use SQLite.
inline bool on_postgresql() {
  const auto* const engine = std::getenv("RESCUE_TEST_DATABASE");
  return engine != nullptr && std::string_view(engine) == "postgresql";
}

class RealPostgresql {
public:
  /// Skips all tests of the program if they need PostgreSQL and it is not installed.
  class Required : public ::testing::Environment {
    void SetUp() override {
      const auto why = missing();
      if (on_postgresql() && !why.empty()) GTEST_SKIP() << why;
    }
  };

  /// Reason for skipping; empty if PostgreSQL is installed.
  [[nodiscard]] static std::string missing() {
    return ::access(program("initdb").c_str(), X_OK) == 0 ? "" : "PostgreSQL is not installed";
  }
  /// The server that all tests of the program use.
  [[nodiscard]] static RealPostgresql& shared() {
    static RealPostgresql server;
    return server;
  }

  RealPostgresql() {
    Command command;
    command.argv = as_nobody({program("initdb"), "--pgdata", data(), "--auth", "trust", "--username", "netbootd",
                              "--encoding", "UTF8", "--no-locale", "--no-sync"});
    run_checked(command);
    start();
  }
  ~RealPostgresql() { stop(SIGQUIT); }
  RealPostgresql(const RealPostgresql&) = delete;
  RealPostgresql& operator=(const RealPostgresql&) = delete;

  /// Returns when the server answers.
  void start() {
    auto arguments = as_nobody({"setpriv", "--pdeathsig", "QUIT", "--", program("postgres"), "-D", data(), "-k",
                                folder_.file(""), "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                                "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c",
                                "autovacuum=off", "-c", "shared_buffers=8MB", "-c", "max_connections=60",
                                // In its own folder: a server that is killed leaves nothing in /dev/shm.
                                "-c", "dynamic_shared_memory_type=mmap"});
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    const auto log = folder_.file("log");
    ::posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const int failed = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ASSERT_EQ(failed, 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!answers()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "PostgreSQL does not come up; see " << log;
      std::this_thread::sleep_for(Milliseconds(20));  // polls another process
    }
  }
  /// SIGINT cuts all connections; SIGQUIT is a crash.
  void stop(int signal = SIGINT) {
    if (pid_ <= 0) return;
    {
      const std::lock_guard lock(mutex_);
      sessions_.clear();
    }
    ::kill(pid_, signal);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

  [[nodiscard]] std::string folder() const { return folder_.file(""); }
  /// Path of a program of the newest installed version.
  [[nodiscard]] static std::string program(const std::string& name) {
    int newest = 0;
    std::error_code none_installed;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none_installed))
      newest = std::max(newest, std::atoi(version.path().filename().c_str()));
    return fmt::format("/usr/lib/postgresql/{}/bin/{}", newest, name);
  }
  [[nodiscard]] std::string fresh_database() {
    const auto name = fmt::format("t{}", ++databases_);
    sql("postgres", "CREATE DATABASE " + name);
    return name;
  }
  /// Nobody may be connected to `original`.
  [[nodiscard]] std::string copy_of(const std::string& original) {
    forget(original);
    const auto name = fmt::format("t{}", ++databases_);
    sql("postgres", fmt::format("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, original));
    return name;
  }
  void drop(const std::string& name) {
    forget(name);
    sql("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
  }
  [[nodiscard]] std::string url(const std::string& database) const {
    return fmt::format("postgresql:///{}?host={}&user=netbootd", database, folder());
  }
  [[nodiscard]] soci::session session(const std::string& database) const { return {soci::postgresql, url(database)}; }
  /// Keeps its connection for the next time: a new one takes longer than most statements.
  void sql(const std::string& database, const std::string& statements) {
    const std::lock_guard lock(mutex_);
    auto& kept = sessions_[database];
    if (kept) {
      try {
        *kept << statements;
        return;
      } catch (const soci::soci_error&) {
        kept.reset();  // the test has cut it
      }
    }
    kept = std::make_unique<soci::session>(soci::postgresql, url(database));
    *kept << statements;
  }

private:
  void forget(const std::string& database) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(database);
  }
  /// Runs the command as another user: PostgreSQL refuses to run as root.
  [[nodiscard]] static std::vector<std::string> as_nobody(std::vector<std::string> command) {
    if (::geteuid() != 0) return command;
    std::vector<std::string> argv{"unshare", "--user", "--map-user=65534", "--map-group=65534", "--"};
    argv.insert(argv.end(), command.begin(), command.end());
    return argv;
  }
  [[nodiscard]] std::string data() const { return folder_.file("data"); }
  [[nodiscard]] bool answers() const {
    try {
      session("postgres") << "SELECT 1";
      return true;
    } catch (const soci::soci_error&) {
      return false;
    }
  }

  const tests::ScratchFolder folder_;
  pid_t pid_ = 0;
  int databases_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<soci::session>> sessions_;
};

inline const auto* const postgresql_required = ::testing::AddGlobalTestEnvironment(new RealPostgresql::Required);

}  // namespace rescue::netboot
