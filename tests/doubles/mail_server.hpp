// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs the lab's mail server (python3-aiosmtpd) on loopback, with a certificate for "localhost".

#include "core/file.hpp"
#include "core/subprocess.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rescue::tests {

class MailServer {
public:
  static constexpr auto user = "netbootd";
  static constexpr auto password = "correct horse";

  /// `tls`: "starttls", "smtps", "none". Keeps everything in `folder`, which it makes.
  explicit MailServer(std::string folder, std::string tls = "starttls", bool login = true)
      : folder_(std::move(folder)), tls_(std::move(tls)), login_(login) {
    std::filesystem::create_directories(folder_);
    (void)run_checked({{"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", folder_ + "/key.pem", "-out", certificate()},
                       "",
                       nullptr,
                       Milliseconds(30'000),
                       {}});
    write_file_atomically(password_file(), std::string(password) + "\n", 0600);
    start();
  }
  ~MailServer() { stop(); }
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  /// Empty if the server can run here.
  [[nodiscard]] static std::string missing() {
    const Completed found = run({{"/usr/bin/python3", "-c", "import aiosmtpd"}, "", nullptr, Milliseconds(30'000), {}});
    return found.status == 0 ? "" : "python3-aiosmtpd is not installed";
  }

  /// Starts again on the same port.
  void start() {
    std::vector<std::string> words{SMTP_SERVICE,
                                   "--folder",
                                   folder_,
                                   "--tls",
                                   tls_,
                                   "--certificate",
                                   certificate(),
                                   "--key",
                                   folder_ + "/key.pem",
                                   "--port",
                                   std::to_string(port_)};
    if (login_) words.insert(words.end(), {"--user", user, "--password-file", password_file()});
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::filesystem::remove(folder_ + "/port");
    ASSERT_EQ(::posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), environ), 0);
    for (int i = 0; i < 400 && !std::filesystem::exists(folder_ + "/port"); ++i) {
      std::this_thread::sleep_for(Milliseconds(50));  // polls another process
    }
    port_ = static_cast<std::uint16_t>(std::stoi(read_file(folder_ + "/port")));
  }
  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string certificate() const { return folder_ + "/certificate.pem"; }
  [[nodiscard]] std::string password_file() const { return folder_ + "/password"; }
  /// Replaces the faults: lines as deploy/lab/lib/smtp-service lists them.
  void faults(const std::string& lines) const { write_file_atomically(folder_ + "/faults", lines, 0600); }
  /// Commands that decided something, one per line.
  [[nodiscard]] std::string log() const { return read_file_if_exists(folder_ + "/log").value_or(""); }

  [[nodiscard]] std::size_t count() const {
    std::size_t found = 0;
    while (std::filesystem::exists(folder_ + "/" + std::to_string(found + 1) + ".eml")) ++found;
    return found;
  }
  /// The mail as it came, from 1.
  [[nodiscard]] std::string mail(std::size_t number) const { return read_file(file_of(number, ".eml")); }
  [[nodiscard]] nlohmann::json envelope(std::size_t number) const {
    return nlohmann::json::parse(read_file(file_of(number, ".json")));
  }
  /// The mail as Python's parser reads it: {"headers": {name: value}, "parts": [{"type", "text"}]}.
  [[nodiscard]] nlohmann::json parsed(std::size_t number) const {
    constexpr auto program = R"python(
import email, email.policy, json, sys
mail = email.message_from_file(open(sys.argv[1], newline=""), policy=email.policy.default)
parts = [{"type": p.get_content_type(), "text": p.get_content().replace("\r\n", "\n")} for p in mail.iter_parts()]
print(json.dumps({"type": mail.get_content_type(), "headers": {k: str(v) for k, v in mail.items()}, "parts": parts,
                  "defects": [str(d) for d in mail.defects]}))
)python";
    return nlohmann::json::parse(
        run_checked(
            {{"/usr/bin/python3", "-c", program, file_of(number, ".eml")}, "", nullptr, Milliseconds(30'000), {}})
            .out);
  }

private:
  [[nodiscard]] std::string file_of(std::size_t number, const std::string& ending) const {
    return folder_ + "/" + std::to_string(number) + ending;
  }

  const std::string folder_;
  const std::string tls_;
  const bool login_;
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace rescue::tests
