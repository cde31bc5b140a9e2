// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs the real netbootd as a process in a folder of its own. The test is its service manager.

#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/http/client.hpp"
#include "core/subprocess.hpp"
#include "tests/openapi/record.hpp"
#include "tests/unit/netboot/migrated.hpp"
#include "tests/unit/netboot/real_postgresql.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace rescue::netboot {

constexpr auto rescue_section = "boot:\n  rescue-windows: {base_url: 'http://192.0.2.10/rescue'}\n";

/// A netbootd that is ready. Its destructor kills it.
class RunningNetbootd {
public:
  /// Keeps files in `folder`. `before` precedes netbootd on the command line; `environment` is all of its
  /// environment except the socket. Throws if netbootd does not become ready.
  RunningNetbootd(const std::string& config, const std::string& folder, std::vector<std::string> before = {},
                  std::vector<std::string> environment = {}) {
    const auto notify_path = folder + "/notify";
    const auto port_file = folder + "/port";
    std::filesystem::remove(notify_path);
    notify_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    notify_path.copy(address.sun_path, sizeof address.sun_path - 1);
    const void* const place = &address;
    if (::bind(notify_.get(), static_cast<const sockaddr*>(place), sizeof address) != 0) {
      throw std::runtime_error("cannot bind " + notify_path);
    }
    before.insert(before.end(), {NETBOOTD, "--config", config, "--port-file", port_file});
    environment.push_back("NOTIFY_SOCKET=" + notify_path);
    spawn(std::move(before), std::move(environment));
    if (notified() != "READY=1") {
      (void)stop(SIGKILL);
      throw std::runtime_error("netbootd never became ready");
    }
    port_ = std::stoi(read_file(port_file));
  }
  ~RunningNetbootd() { (void)stop(SIGKILL); }
  RunningNetbootd(const RunningNetbootd&) = delete;
  RunningNetbootd& operator=(const RunningNetbootd&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int port() const { return port_; }

  /// Next notification to the service manager; empty if none arrives for 20 s.
  [[nodiscard]] std::string notified() const {
    pollfd readable{notify_.get(), POLLIN, 0};
    std::array<char, 256> message{};
    if (::poll(&readable, 1, 20'000) != 1) return {};
    const auto size = ::recv(notify_.get(), message.data(), message.size(), 0);
    return {message.data(), static_cast<std::size_t>(std::max<ssize_t>(0, size))};
  }

  /// Returns the exit status, or 128 + signal.
  [[nodiscard]] int stop(int signal) {
    if (pid_ <= 0) return 0;
    ::kill(pid_, signal);
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

private:
  static std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    all.reserve(words.size() + 1);
    for (auto& word : words) all.push_back(word.data());
    all.push_back(nullptr);
    return all;
  }
  void spawn(std::vector<std::string> arguments, std::vector<std::string> environment) {
    const auto argv = pointers(arguments);
    const auto envp = pointers(environment);
    if (::posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), envp.data()) != 0) {
      throw std::runtime_error("cannot start " NETBOOTD);
    }
  }

  FileDescriptor notify_;
  pid_t pid_ = 0;
  int port_ = 0;
};

/// A netbootd on SQLite, or on PostgreSQL if RESCUE_TEST_DATABASE names it.
class DaemonUnderTest : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "netbootd-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    if (on_postgresql()) {
      static const auto original = migrated(RealPostgresql::shared().fresh_database());
      postgresql_ = RealPostgresql::shared().copy_of(original);
    }
    configure(rescue_section);
    ASSERT_EQ(netbootd({"--init-admin-token", token_file()}).status, 0);
    start();
  }
  void TearDown() override {
    daemon_.reset();
    if (!postgresql_.empty()) RealPostgresql::shared().drop(postgresql_);
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string in_folder(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::string token_file() const { return in_folder("admin.token"); }
  [[nodiscard]] std::string config_file() const { return in_folder("netbootd.yaml"); }
  [[nodiscard]] std::string url() const { return daemon_->url(); }
  [[nodiscard]] virtual std::string database_section() const {
    if (postgresql_.empty()) return "database: {path: '" + in_folder("db.sqlite") + "'}\n";
    return "database: {url: '" + RealPostgresql::shared().url(postgresql_) + "'}\n";
  }
  [[nodiscard]] const std::string& database() const { return postgresql_; }
  /// Accesses the database without netbootd.
  [[nodiscard]] soci::session sql() const {
    if (!postgresql_.empty()) return RealPostgresql::shared().session(postgresql_);
    return {soci::sqlite3, "dbname=" + in_folder("db.sqlite")};
  }

  [[nodiscard]] int port() const { return daemon_->port(); }
  [[nodiscard]] pid_t pid() const { return daemon_->pid(); }
  [[nodiscard]] long threads_of_daemon() const {
    return std::distance(std::filesystem::directory_iterator("/proc/" + std::to_string(pid()) + "/task"), {});
  }

  void configure(const std::string& more) const { configure_listen("port: 0", more); }
  void configure_listen(const std::string& listen, const std::string& more = rescue_section) const {
    write_file_atomically(config_file(), "listen: {" + listen + "}\n" + database_section() + more, 0600);
  }

  /// Runs netbootd with these arguments until it ends.
  [[nodiscard]] Completed netbootd(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {NETBOOTD, "--config", config_file()});
    Command command;
    command.argv = std::move(arguments);
    return run(command);
  }

  [[nodiscard]] Completed netbootctl(std::vector<std::string> arguments, const std::string& token = {},
                                     std::string input = {}) const {
    arguments.insert(arguments.begin(), NETBOOTCTL);
    Command command;
    command.input = std::move(input);
    command.argv = std::move(arguments);
    command.environment = {"NETBOOT_URL=" + url(), "NETBOOT_TOKEN_FILE=" + (token.empty() ? token_file() : token)};
    return run(command);
  }

  [[nodiscard]] http::Response ask(const std::string& method, const std::string& path, const std::string& body = {},
                                   Secret token = {}, const http::HeaderViews& headers = {}) const {
    http::ClientOptions options;
    options.base_url = url();
    auto response = http::Client(options, std::move(token)).request(method, path, body, headers);
    tests::record(method, path, body, response);
    return response;
  }
  [[nodiscard]] http::Response as_admin(const std::string& method, const std::string& path,
                                        const std::string& body = {}) const {
    return ask(method, path, body, read_secret_file(token_file()));
  }

  /// Returns after the notification READY=1.
  void start() { daemon_.emplace(config_file(), folder_); }
  void send_signal(int signal) const { ::kill(pid(), signal); }
  /// Next notification to the service manager; empty if none arrives for 20 s.
  [[nodiscard]] std::string notified() const { return daemon_->notified(); }
  /// Reloads the configuration; returns when netbootd has notified both begin and end.
  void reload() const {
    send_signal(SIGHUP);
    ASSERT_TRUE(notified().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    ASSERT_EQ(notified(), "READY=1");
  }

  /// Returns the exit status, or 128 + signal.
  [[nodiscard]] int stop(int signal = SIGTERM) { return daemon_->stop(signal); }

private:
  std::string folder_;
  std::string postgresql_;  ///< name of the database; empty: SQLite
  std::optional<RunningNetbootd> daemon_;
};

}  // namespace rescue::netboot
