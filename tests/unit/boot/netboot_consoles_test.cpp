// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Consoles of browsers, as the host's agent serves them.
#include "core/error.hpp"
#include "orchestrator/boot/netboot_consoles.hpp"

#include <gtest/gtest.h>

namespace rescue::boot {
namespace {

TEST(NetbootConsoles, RefusesARelayWithoutTls) {
  NetbootConsoles consoles("https://netbootd.example", "", Secret(std::string_view("token")));
  const auto address = net::IpAddress::parse("192.0.2.10");
  try {
    (void)consoles.serve({"v-1.1", "http://192.0.2.10:8470"}, address, FileDescriptor(), {});
    ADD_FAILURE() << "the token went over a plain connection";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::denied);
  }
}

}  // namespace
}  // namespace rescue::boot
