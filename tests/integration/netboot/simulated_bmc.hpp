// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A BMC on loopback: OpenIPMI's ipmi_sim, whose power switch is a script that keeps its state in files.

#include "core/file.hpp"
#include "core/handle.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <string>

namespace rescue::netboot {

class SimulatedBmc {
public:
  static constexpr auto user = "operator";
  static constexpr auto password = "s3cret-word";

  explicit SimulatedBmc(std::string folder) : folder_(std::move(folder)), port_(free_port()) {
    std::filesystem::create_directories(folder_ + "/state");
    turn("off");
    write_file_atomically(folder_ + "/boot", "none\n", 0600);
    write_file_atomically(folder_ + "/control", script(), 0700);
    write_file_atomically(folder_ + "/lan.conf", configuration(), 0600);
    write_file_atomically(folder_ + "/bmc.emu",
                          "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\n"
                          "mc_enable 0x20\n",
                          0600);
    start();
  }
  ~SimulatedBmc() { stop(); }
  SimulatedBmc(const SimulatedBmc&) = delete;
  SimulatedBmc& operator=(const SimulatedBmc&) = delete;

  [[nodiscard]] int port() const { return port_; }
  void turn(const std::string& power) {
    write_file_atomically(folder_ + "/power", power == "on" ? "1\n" : "0\n", 0600);
  }
  [[nodiscard]] bool is_on() const { return read_file(folder_ + "/power") == "1\n"; }
  [[nodiscard]] std::string boot_device() const { return read_file(folder_ + "/boot"); }
  /// "power 0", "boot pxe", ...: what was set, a line each.
  [[nodiscard]] std::string log() const { return read_file_if_exists(folder_ + "/log").value_or(""); }
  /// From now on it accepts every request, and does nothing.
  void ignore_requests() { write_file_atomically(folder_ + "/stuck", "", 0600); }

  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

private:
  static int free_port() {
    const FileDescriptor probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    void* const place = &address;
    EXPECT_EQ(::bind(probe.get(), static_cast<sockaddr*>(place), size), 0);
    EXPECT_EQ(::getsockname(probe.get(), static_cast<sockaddr*>(place), &size), 0);
    return ntohs(address.sin_port);
  }

  [[nodiscard]] std::string script() const {
    return "#!/bin/sh\n"
           "cd '" +
           folder_ +
           "' || exit 1\n"
           "shift; action=$1; shift\n"
           "case $action in\n"
           "get) for item; do echo \"$item:$(cat \"$item\" 2>/dev/null || echo 0)\"; done ;;\n"
           "set) while [ $# -ge 2 ]; do\n"
           "  echo \"$1 $2\" >>log\n"
           "  [ -e stuck ] || echo \"$2\" >\"$1\"\n"
           "  shift 2\n"
           "done ;;\n"
           "esac\n";
  }

  [[nodiscard]] std::string configuration() const {
    return "name \"test\"\nset_working_mc 0x20\n  startlan 1\n    addr 127.0.0.1 " + std::to_string(port_) +
           "\n    priv_limit admin\n    allowed_auths_admin none md2 md5 straight\n"
           "    guid a123456789abcdefa123456789abcdef\n  endlan\n"
           "  chassis_control \"" +
           folder_ +
           "/control 0x20\"\n"
           "  user 2 true \"" +
           user + "\" \"" + password + "\" admin 10 none md2 md5 straight\n";
  }

  void start() {
    std::string program = "ipmi_sim";
    std::string config = folder_ + "/lan.conf";
    std::string commands = folder_ + "/bmc.emu";
    std::string state = folder_ + "/state";
    std::string flags[] = {"-c", "-f", "-s", "-n"};
    char* argv[] = {program.data(),  flags[0].data(), config.data(),   flags[1].data(), commands.data(),
                    flags[2].data(), state.data(),    flags[3].data(), nullptr};
    ASSERT_EQ(::posix_spawnp(&pid_, program.c_str(), nullptr, nullptr, argv, environ), 0) << "is openipmi installed?";
  }

  std::string folder_;
  int port_;
  pid_t pid_ = 0;
};

}  // namespace rescue::netboot
