// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/representation.hpp"
#include "stored.hpp"

namespace rescue::netboot::api {
namespace {

constexpr Milliseconds day{86'400'000};

std::string error_of(const std::function<void()>& read) {
  try {
    read();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    return std::string(error.what()) + " | " + error.hint();
  }
  ADD_FAILURE() << "accepted";
  return {};
}

std::string server_error(const std::string& body) {
  return error_of([&] { (void)server_from(body, {}); });
}

std::string change_error(const std::string& body) {
  return error_of([&] { (void)boot_mode_change_from(body, day); });
}

TEST(ServerBody, IsReadInFull) {
  const auto server = server_from(R"({"name": "web-01", "macs": ["5254.0012.3456", "52-54-00-12-34-57"],
    "firmware": "uefi", "address": "2001:DB8::1", "loader": "/EFI/x.efi"})",
                                  {});
  EXPECT_EQ(server.name.text(), "web-01");
  EXPECT_EQ(server.macs.at(1).text(), "52:54:00:12:34:57");
  EXPECT_EQ(server.address, "2001:db8::1");
  EXPECT_EQ(server.loader, R"(\EFI\x.efi)");
}

TEST(ServerBody, NamesTheFieldThatIsWrong) {
  EXPECT_NE(server_error("{").find("is not valid JSON"), std::string::npos);
  EXPECT_NE(server_error("[]").find("must be a mapping"), std::string::npos);
  EXPECT_NE(server_error("{}").find("'name' is missing"), std::string::npos);
  EXPECT_NE(server_error(R"({"name": "web-01", "mac": "x"})").find("Did you mean 'macs'?"), std::string::npos);
  EXPECT_NE(server_error(R"({"name": "Web", "macs": ["525400123456"]})").find("name: 'Web'"), std::string::npos);
  EXPECT_NE(server_error(R"({"name": 7, "macs": ["525400123456"]})").find("name: must be a string"), std::string::npos);
  EXPECT_NE(server_error(R"({"name": "a", "macs": []})").find("macs: must hold"), std::string::npos);
  EXPECT_NE(server_error(R"({"name": "a", "macs": ["525400123456", "x"]})").find("macs[1]: 'x'"), std::string::npos);
  EXPECT_NE(server_error(R"({"name": "a", "macs": ["525400123456", "5254.0012.3456"]})").find("given twice"),
            std::string::npos);
  EXPECT_NE(server_error(R"({"name": "a", "macs": ["525400123456"], "firmware": "efi"})").find("'uefi'"),
            std::string::npos);
  EXPECT_NE(server_error(R"({"name": "a", "macs": ["525400123456"], "firmware": "bios", "loader": "\\a"})")
                .find("loader: is for servers with UEFI"),
            std::string::npos);
  EXPECT_NE(server_error(R"({"name": "a", "macs": ["525400123456"], "address": "1.2.3"})").find("address: '1.2.3'"),
            std::string::npos);
}

TEST(BootModeBody, HasDefaults) {
  const auto change = boot_mode_change_from(R"({"mode": "rescue-windows"})", day);
  EXPECT_EQ(change.mode, BootMode::rescue_windows);
  EXPECT_EQ(change.terms.policy, LeasePolicy::until_finished);
  EXPECT_FALSE(change.terms.time_to_live);
  EXPECT_EQ(boot_mode_change_from(R"({"mode": "disk", "reason": "done"})", day).mode, BootMode::disk);
}

TEST(BootModeBody, IsReadInFull) {
  const auto change =
      boot_mode_change_from(R"({"mode": "rescue-windows", "policy": "once", "ttl": "90m", "reason": "ticket"})", day);
  EXPECT_EQ(change.terms.policy, LeasePolicy::once);
  EXPECT_EQ(change.terms.time_to_live, std::chrono::minutes(90));
  EXPECT_EQ(change.terms.reason, "ticket");
}

TEST(BootModeBody, NamesTheFieldThatIsWrong) {
  EXPECT_NE(change_error("").find("is not valid JSON"), std::string::npos);
  EXPECT_NE(change_error("null").find("'mode' is missing"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue"})").find("mode: 'rescue' is not one of"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "disk", "ttl": "1h"})").find("ttl: is for rescue modes only"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "disk", "policy": "once"})").find("policy:"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "ttl": "25h"})").find("ttl: is longer"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "ttl": 0})").find("ttl:"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "ttl": "soon"})").find("must be a duration"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "reason": "a\u001b[31m"})").find("reason:"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "untill": 1})").find("untill"), std::string::npos);
}

}  // namespace
}  // namespace rescue::netboot::api
