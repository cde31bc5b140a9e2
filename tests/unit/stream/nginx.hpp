// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The real nginx, as this user, on a port of the loopback interface; stopped and started as a test wants.

#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/wait_until.hpp"
#include "tests/unit/http/running_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>

namespace rescue::tests {

/// A port that is free now. The kernel does not hand it out again soon.
inline std::uint16_t free_port() { return http::RunningServer().port(); }

class Nginx {
public:
  struct Options {
    std::string listen{};  ///< behind "ADDRESS:PORT", such as "ssl"
    std::string address = "127.0.0.1";
    std::string server{};    ///< directives of the server
    std::string location{};  ///< directives of "location /"; empty: serves the folder www
  };

  explicit Nginx(const ScratchFolder& scratch) : Nginx(scratch, Options{}) {}
  Nginx(const ScratchFolder& scratch, Options options)
      : options_(std::move(options)), port_(free_port()), folder_(scratch.file(fmt::format("nginx.{}", port_))),
        www_(scratch.file("www")) {
    make_folder(folder_, 0755);
    make_folder(www_, 0755);
    start();
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;
  ~Nginx() { stop(); }

  void start() {
    write_file_atomically(folder_ + "/nginx.conf", configuration(), 0644);
    run_checked({.argv = {"nginx", "-c", folder_ + "/nginx.conf", "-e", folder_ + "/error.log"},
                 .input = {},
                 .environment = {}});
    ASSERT_TRUE(wait_until([&] { return read_file_if_exists(pid_file()).value_or("") != ""; }));
  }
  /// Ends it, with the connections that it has. Idempotent.
  void stop() {
    const auto pid = read_file_if_exists(pid_file());
    if (!pid || pid->empty()) return;
    ::kill(static_cast<pid_t>(std::stol(*pid)), SIGTERM);
    EXPECT_TRUE(wait_until([&] { return !read_file_if_exists(pid_file()); }));
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string place() const { return fmt::format("{}:{}", options_.address, port_); }
  [[nodiscard]] std::string url(const std::string& path = "/file.img", const std::string& scheme = "http") const {
    return scheme + "://" + place() + path;
  }
  /// A line for each request: status, bytes of the body, Range, Accept-Encoding.
  [[nodiscard]] std::string log() const { return read_file_if_exists(folder_ + "/access.log").value_or(""); }

private:
  [[nodiscard]] std::string pid_file() const { return folder_ + "/pid"; }
  [[nodiscard]] std::string configuration() const {
    return fmt::format("pid {0}/pid; error_log {0}/error.log; {1}worker_processes 1; events {{}}\n"
                       "http {{ log_format ranges '$status $body_bytes_sent $http_range $http_accept_encoding';\n"
                       "access_log {0}/access.log ranges; client_body_temp_path {0}/b; proxy_temp_path {0}/p;\n"
                       "fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;\n"
                       "server {{ listen {2} {3};\n{4}\nroot {5};\nlocation / {{ {6} }} }} }}\n",
                       folder_, ::geteuid() == 0 ? "user root; " : "", place(), options_.listen, options_.server, www_,
                       options_.location);
  }

  Options options_;
  std::uint16_t port_;
  std::string folder_;
  std::string www_;
};

}  // namespace rescue::tests
