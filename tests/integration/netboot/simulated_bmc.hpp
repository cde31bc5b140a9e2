// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs an IPMI BMC on loopback: OpenIPMI's ipmi_sim.

#include "core/handle.hpp"
#include "simulated_chassis.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <string>

namespace rescue::netboot {

class SimulatedBmc : public SimulatedChassis {
public:
  static constexpr auto user = "operator";
  static constexpr auto password = "s3cret-word";

  explicit SimulatedBmc(const std::string& folder) : SimulatedChassis(folder), port_(free_port()) {
    write_file_atomically(folder + "/lan.conf", configuration(), 0600);
    write_file_atomically(folder + "/bmc.emu",
                          "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\n"
                          "mc_enable 0x20\n",
                          0600);
    start();
  }
  ~SimulatedBmc() { stop(); }
  SimulatedBmc(const SimulatedBmc&) = delete;
  SimulatedBmc& operator=(const SimulatedBmc&) = delete;

  [[nodiscard]] int port() const { return port_; }

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

  [[nodiscard]] std::string configuration() const {
    return "name \"test\"\nset_working_mc 0x20\n  startlan 1\n    addr 127.0.0.1 " + std::to_string(port_) +
           "\n    priv_limit admin\n    allowed_auths_admin none md2 md5 straight\n"
           "    guid a123456789abcdefa123456789abcdef\n  endlan\n"
           "  chassis_control \"" +
           control() +
           " 0x20\"\n"
           "  user 2 true \"" +
           user + "\" \"" + password + "\" admin 10 none md2 md5 straight\n";
  }

  void start() {
    std::string program = "ipmi_sim";
    std::string config = folder() + "/lan.conf";
    std::string commands = folder() + "/bmc.emu";
    std::string state = folder() + "/state";
    std::string flags[] = {"-c", "-f", "-s", "-n"};
    char* argv[] = {program.data(),  flags[0].data(), config.data(),   flags[1].data(), commands.data(),
                    flags[2].data(), state.data(),    flags[3].data(), nullptr};
    ASSERT_EQ(::posix_spawnp(&pid_, program.c_str(), nullptr, nullptr, argv, environ), 0) << "is openipmi installed?";
  }

  int port_;
  pid_t pid_ = 0;
};

}  // namespace rescue::netboot
