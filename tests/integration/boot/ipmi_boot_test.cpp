// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The real ipmitool against a real BMC's software, ipmi_sim of OpenIPMI, over LAN: the same commands as over KCS.
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/boot/ipmi_boot.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/doubles/wait_until.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

namespace rescue::tests {
namespace {

using boot::IpmiBootControl;
using ::testing::HasSubstr;

std::uint16_t free_udp_port() {
  const FileDescriptor fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  void* const place = &address;
  EXPECT_EQ(::bind(fd.get(), static_cast<sockaddr*>(place), size), 0);
  EXPECT_EQ(::getsockname(fd.get(), static_cast<sockaddr*>(place), &size), 0);
  return ::ntohs(address.sin_port);
}

class IpmiBoot : public ::testing::Test {
protected:
  void SetUp() override {
    if (::access("/usr/bin/ipmi_sim", X_OK) != 0) GTEST_SKIP() << "the package openipmi is not installed";
    scratch_.write("chassis",
                   "#!/bin/sh\n"
                   "# chassis MC get|set ITEM [VALUE]...\n"
                   "state=" +
                       scratch_.file("boot-device") +
                       "\n"
                       "shift\naction=$1\nshift\n"
                       "while [ $# -gt 0 ]; do\n"
                       "  if [ $action = get ]; then\n"
                       "    case $1 in power) echo power:1 ;; boot) echo boot:$(cat $state) ;; esac\n    shift\n"
                       "  else\n"
                       "    [ $1 != boot ] || echo $2 >$state\n    shift 2\n"
                       "  fi\n"
                       "done\n");
    ::chmod(scratch_.file("chassis").c_str(), 0755);
    scratch_.write("boot-device", "none\n");
    const auto port = free_udp_port();
    std::filesystem::create_directory(scratch_.file("state"));
    scratch_.write(
        "lan.conf",
        fmt::format("name \"test\"\nset_working_mc 0x20\n  startlan 1\n    addr 127.0.0.1 {}\n"
                    "    priv_limit admin\n    allowed_auths_admin md5\n    guid a123456789abcdefa123456789abcdef\n"
                    "  endlan\n  chassis_control \"{} 0x20\"\n"
                    "  user 2 true \"admin\" \"geheim\" admin 10 md5\n",
                    port, scratch_.file("chassis")));
    scratch_.write("bmc.emu",
                   "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n");
    interface_ = {"-I", "lan",
                  "-H", "127.0.0.1",
                  "-p", std::to_string(port),
                  "-U", "admin",
                  "-f", scratch_.write("password", "geheim"),
                  "-R", "1",
                  "-N", "1"};
    start();
  }
  void TearDown() override {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  void start() {
    std::vector<std::string> arguments{
        "/usr/bin/ipmi_sim",   "-n", "-c", scratch_.file("lan.conf"), "-f", scratch_.file("bmc.emu"), "-s",
        scratch_.file("state")};
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ASSERT_EQ(::posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), environ), 0);
    ASSERT_TRUE(wait_until([this] { return answers(); }, Milliseconds(20'000))) << "ipmi_sim never answered";
  }
  [[nodiscard]] Completed ipmitool(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), interface_.begin(), interface_.end());
    arguments.insert(arguments.begin(), "ipmitool");
    Command command;
    command.argv = std::move(arguments);
    return run(command);
  }
  [[nodiscard]] bool answers() const { return ipmitool({"mc", "info"}).status == 0; }
  [[nodiscard]] std::string device() const { return read_file(scratch_.file("boot-device")); }

  ScratchFolder scratch_;
  std::vector<std::string> interface_;
  pid_t pid_ = 0;
};

TEST_F(IpmiBoot, ClearsAnOverrideThatBootsFromTheNetwork) {
  IpmiBootControl bmc(interface_);
  EXPECT_EQ(bmc.mode(), "no override");
  ASSERT_EQ(ipmitool({"chassis", "bootdev", "pxe"}).status, 0);
  ASSERT_EQ(device(), "pxe\n");
  EXPECT_THAT(bmc.mode(), HasSubstr("network"));
  const auto snapshot = bmc.snapshot();
  EXPECT_THAT(bmc.restore_disk(snapshot, {}), HasSubstr("bmc: network"));
  EXPECT_EQ(device(), "none\n");
  EXPECT_EQ(bmc.restore_disk(snapshot, {}), "") << "again changes nothing";
}

TEST_F(IpmiBoot, LeavesAnOverrideForTheDisk) {
  IpmiBootControl bmc(interface_);
  ASSERT_EQ(ipmitool({"chassis", "bootdev", "disk"}).status, 0);
  const auto before = device();
  EXPECT_EQ(bmc.restore_disk(bmc.snapshot(), {}), "");
  EXPECT_EQ(device(), before);
}

TEST_F(IpmiBoot, SaysThatTheBmcDoesNotAnswer) {
  ::kill(pid_, SIGSTOP);
  IpmiBootControl bmc(interface_, Milliseconds(2'000));
  const auto error = error_of([&] { (void)bmc.mode(); });
  EXPECT_TRUE(error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout);
  EXPECT_THAT(error.hint(), HasSubstr("boot.ipmi: off"));
}

}  // namespace
}  // namespace rescue::tests
