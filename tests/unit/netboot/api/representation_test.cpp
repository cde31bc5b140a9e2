// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/server_representation.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <nlohmann/json.hpp>

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
  return error_of([&] { (void)boot_mode_change_from(body, day, full_catalogue()); });
}

TEST(ServerBody, IsReadInFull) {
  const auto [server, bmc] = server_from(R"({"name": "web-01", "macs": ["5254.0012.3456", "52-54-00-12-34-57"],
    "firmware": "uefi", "address": "2001:DB8::1", "loader": "/EFI/x.efi"})",
                                         {});
  EXPECT_EQ(server.name.text(), "web-01");
  EXPECT_EQ(server.macs.at(1).text(), "52:54:00:12:34:57");
  EXPECT_EQ(server.address, "2001:db8::1");
  EXPECT_FALSE(bmc);
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
  const auto change = boot_mode_change_from(R"({"mode": "rescue-windows"})", day, full_catalogue());
  EXPECT_EQ(change.mode, BootMode::rescue_windows);
  EXPECT_EQ(change.terms.policy, LeasePolicy::until_finished);
  EXPECT_FALSE(change.terms.time_to_live);
  EXPECT_EQ(boot_mode_change_from(R"({"mode": "disk", "reason": "done"})", day, full_catalogue()).mode, BootMode::disk);
}

TEST(BootModeBody, IsReadInFull) {
  const auto change = boot_mode_change_from(
      R"({"mode": "rescue-windows", "policy": "once", "ttl": "90m", "reason": "ticket"})", day, full_catalogue());
  EXPECT_EQ(change.terms.policy, LeasePolicy::once);
  EXPECT_EQ(change.terms.time_to_live, std::chrono::minutes(90));
  EXPECT_EQ(change.terms.reason, "ticket");
}

TEST(BootModeBody, NamesTheFieldThatIsWrong) {
  EXPECT_NE(change_error("").find("is not valid JSON"), std::string::npos);
  EXPECT_NE(change_error("null").find("'mode' is missing"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-window"})")
                .find("mode: 'rescue-window' is not one of disk, rescue-windows, rescue-linux, installer, memory-test |"
                      " Did you mean 'rescue-windows'?"),
            std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-linux", "ttl": "25h"})").find("ttl: is longer"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "disk", "ttl": "1h"})").find("ttl: is for rescue modes only"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "disk", "policy": "once"})").find("policy:"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "ttl": "25h"})").find("ttl: is longer"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "ttl": 0})").find("ttl:"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "ttl": "soon"})").find("must be a duration"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "reason": "a\u001b[31m"})").find("reason:"), std::string::npos);
  EXPECT_NE(change_error(R"({"mode": "rescue-windows", "untill": 1})").find("untill"), std::string::npos);
}

TEST(BmcBody, IsReadWithItsDefaults) {
  const auto bmc = bmc_from(R"({"address": "192.0.2.20", "user": "operator", "password": "a word"})");
  EXPECT_EQ(bmc.endpoint.port, 623U);
  EXPECT_EQ(bmc.endpoint.cipher_suite, 3U);
  EXPECT_EQ(bmc.password.reveal(), "a word");
}

TEST(BmcBody, IsRefusedWhereABmcWouldNotTakeIt) {
  const auto refused = [](const char* key, const nlohmann::json& value) {
    nlohmann::json body{{"address", "192.0.2.20"}, {"user", "operator"}, {"password", "a word"}};
    body[key] = value;
    return error_of([&] { (void)bmc_from(body.dump()); });
  };
  EXPECT_NE(refused("address", "-I lan").find("address"), std::string::npos);
  EXPECT_NE(refused("port", 0).find("port"), std::string::npos);
  EXPECT_NE(refused("user", std::string(17, 'u')).find("16 characters"), std::string::npos);
  EXPECT_NE(refused("password", std::string(21, 'p')).find("20 characters"), std::string::npos);
  EXPECT_EQ(refused("password", "secret\n").find("secret"), std::string::npos) << "never shown";
  EXPECT_NE(refused("cipher_suite", 18).find("cipher_suite"), std::string::npos);
}

TEST(RescueBody, HasDefaultsForEverything) {
  const auto order = rescue_order_from("", day);
  EXPECT_EQ(order.rescue.then, "reboot");
  EXPECT_EQ(order.rescue.on_shutdown, "restart");
  EXPECT_EQ(order.rescue.image, "default");
  EXPECT_FALSE(order.cycle);
}

TEST(RescueBody, TakesNoKeyThatNothingCouldBeSealedTo) {
  const auto refused = [](const std::string& key) {
    return error_of([&] { (void)rescue_order_from(nlohmann::json{{"public_key", key}}.dump(), day); });
  };
  EXPECT_NE(refused("c2hvcnQ=").find("public_key"), std::string::npos);
  EXPECT_NE(refused(std::string(43, 'A') + "=").find("public_key"), std::string::npos) << "all zeros";
  EXPECT_NE(refused("not base64").find("public_key"), std::string::npos);
}

}  // namespace
}  // namespace rescue::netboot::api
