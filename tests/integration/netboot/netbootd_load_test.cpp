// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "daemon_under_test.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <fstream>

namespace rescue::netboot {
namespace {

constexpr std::size_t many = 10'000;

/// Raises the limit of open files; false if the hard limit is lower.
bool may_open(std::size_t files) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < files) return false;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

class NetbootdUnderLoad : public DaemonUnderTest {
protected:
  [[nodiscard]] FileDescriptor connected() const {
    FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* const place = &address;
    if (::connect(fd.get(), static_cast<const sockaddr*>(place), sizeof address) != 0) fd.reset();
    return fd;
  }
  [[nodiscard]] double resident_mib() const {
    std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
    }
    return 0;
  }
};

TEST_F(NetbootdUnderLoad, BootsServersBesideTenThousandConnectionsThatAskNothing) {
  if (!may_open(many + 500)) GTEST_SKIP() << "the limit on open files is too low";
  (void)stop();
  configure_listen("port: 0, connections_per_address: 0");  // all come from this machine
  start();
  const auto before = resident_mib();
  std::vector<FileDescriptor> idle;
  for (std::size_t i = 0; i < many; ++i) {
    idle.push_back(connected());
    ASSERT_TRUE(idle.back()) << i;
    // Every second connection sends an incomplete request.
    if (i % 2 == 0) (void)::send(idle.back().get(), "GET /boot/", 10, MSG_NOSIGNAL);
  }
  const auto script = ask("GET", "/boot/525400123456.ipxe");
  EXPECT_EQ(script.status, 200U);
  EXPECT_TRUE(script.body.starts_with("#!ipxe"));
  const auto resident = resident_mib();
  EXPECT_LT(resident - before, 150) << "15 KiB for each, also with the redzones of AddressSanitizer";
#ifndef __SANITIZE_ADDRESS__  // with UBSan netbootd has 270 MiB before the first connection
  EXPECT_LT(resident, 200);
#endif
}

TEST_F(NetbootdUnderLoad, MakesRoomWhenConnectionsRunOut) {
  if (!may_open(1'000)) GTEST_SKIP() << "the limit on open files is too low";
  (void)stop();
  configure_listen("port: 0, connections: 300, connections_per_address: 0");
  start();
  std::vector<FileDescriptor> idle;
  for (int i = 0; i < 400; ++i) idle.push_back(connected());
  EXPECT_EQ(ask("GET", "/boot/525400123456.ipxe").status, 200U);
}

TEST_F(NetbootdUnderLoad, RefusesBodiesThatAreTooDeep) {
  for (const auto* const open : {"[", "{\"a\":"}) {
    std::string body;
    while (body.size() < 60'000) body += open;
    EXPECT_EQ(as_admin("POST", "/v1/servers", body).status, 400U);
  }
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
}

}  // namespace
}  // namespace rescue::netboot
