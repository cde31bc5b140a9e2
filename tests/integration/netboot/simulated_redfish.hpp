// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs the lab's Redfish service on loopback, over TLS, with the behaviour of a named vendor.

#include "core/subprocess.hpp"
#include "netboot/domain/bmc.hpp"
#include "simulated_chassis.hpp"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rescue::netboot {

class SimulatedRedfish : public SimulatedChassis {
public:
  static constexpr auto user = "operator";
  static constexpr auto password = "s3cret-word-that-is-longer-than-ipmi-takes";

  /// `more`: options of the service, such as "--tls=1.0"; "--weak-key" is for an RSA key of 1024 bits.
  explicit SimulatedRedfish(const std::string& folder, const std::string& profile = "generic",
                            const std::string& certified = "IP:127.0.0.1", std::vector<std::string> more = {})
      : SimulatedChassis(folder), more_(std::move(more)) {
    make_certificate(certified);
    write_file_atomically(folder + "/password", password, 0600);
    start(profile);
  }
  ~SimulatedRedfish() { stop(); }
  SimulatedRedfish(const SimulatedRedfish&) = delete;
  SimulatedRedfish& operator=(const SimulatedRedfish&) = delete;

  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  /// SHA-256 of the certificate, in openssl's notation.
  [[nodiscard]] std::string fingerprint() const {
    const auto said = openssl({"x509", "-in", certificate(), "-noout", "-fingerprint", "-sha256"});
    const auto at = said.find('=');
    return said.substr(at + 1, said.find('\n') - at - 1);
  }
  /// The self-signed certificate, without its key.
  [[nodiscard]] std::string ca() const { return openssl({"x509", "-in", certificate()}); }
  /// Endpoint with a pinned fingerprint.
  [[nodiscard]] BmcEndpoint endpoint() const {
    BmcEndpoint endpoint;
    endpoint.kind = BmcKind::redfish;
    set_url(endpoint, url());
    endpoint.user = user;
    endpoint.fingerprint = canonical_fingerprint(fingerprint());
    return endpoint;
  }
  /// Adds a fault, such as "busy GET 2" for the next two GETs; deploy/lab/lib/redfish-service lists them.
  void fault(const std::string& line) const {
    write_file_atomically(folder() + "/faults", read_file_if_exists(folder() + "/faults").value_or("") + line + "\n",
                          0600);
  }
  /// All requests, one per line: "GET /redfish/v1".
  [[nodiscard]] std::string requests() const { return read_file_if_exists(folder() + "/requests").value_or(""); }
  /// PATCH and POST requests except logins, one JSON object per line: "path", "body" and "if_match".
  [[nodiscard]] std::string sent() const { return read_file_if_exists(folder() + "/requests.sent").value_or(""); }
  [[nodiscard]] std::size_t count(const std::string& request) const {
    std::size_t found = 0;
    const auto all = requests();
    for (auto at = all.find(request); at != std::string::npos; at = all.find(request, at + 1)) ++found;
    return found;
  }

  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

private:
  [[nodiscard]] std::string certificate() const { return folder() + "/certificate.pem"; }
  static std::string openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    Command command;
    command.argv = std::move(arguments);
    return run_checked(command).out;
  }

  void make_certificate(const std::string& certified) {
    std::vector<std::string> arguments{"req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=bmc"};
    for (const auto& each : {std::string("-addext"), "subjectAltName=" + certified, std::string("-keyout"),
                             certificate(), std::string("-out"), certificate()}) {
      arguments.push_back(each);
    }
    const auto weak = std::find(more_.begin(), more_.end(), "--weak-key");
    arguments.insert(arguments.end(), {"-newkey", weak == more_.end() ? "ec" : "rsa:1024"});
    if (weak == more_.end()) {
      arguments.insert(arguments.end(), {"-pkeyopt", "ec_paramgen_curve:prime256v1"});
    } else {
      more_.erase(weak);
    }
    (void)openssl(arguments);
  }

  void start(const std::string& profile) {
    const auto port_file = folder() + "/port";
    std::vector<std::string> arguments{REDFISH_SERVICE,
                                       "--port=0",
                                       "--port-file=" + port_file,
                                       "--certificate=" + certificate(),
                                       std::string("--user=") + user,
                                       "--password-file=" + folder() + "/password",
                                       "--profile=" + profile,
                                       "--faults=" + folder() + "/faults",
                                       "--log=" + folder() + "/requests"};
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    arguments.insert(arguments.end(), {control(), "0x20"});
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ASSERT_EQ(::posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), environ), 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    auto said = read_file_if_exists(port_file);
    while (!said && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(Milliseconds(10));  // polls another process
      said = read_file_if_exists(port_file);
    }
    ASSERT_TRUE(said) << "the Redfish service does not listen";
    port_ = std::stoi(*said);
  }

  std::vector<std::string> more_;
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace rescue::netboot
