// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests netbootd behind a load balancer, which is the test: the client's address decides on its rights.
#include "host_agent_under_test.hpp"

namespace rescue::netboot {
namespace {

using nlohmann::json;

class BehindAProxy : public ServerThatBoots {
protected:
  void SetUp() override {
    ServerThatBoots::SetUp();
    ASSERT_EQ(as_admin("PATCH", "/v1/servers/web-01", R"({"address": "203.0.113.7"})").status, 200U);
  }
  void trust(const std::string& proxies) {
    auto text = read_file(config_file());
    text.replace(0, text.find('}'), "listen: {port: 0, trusted_proxies: [" + proxies + "]");
    ASSERT_EQ(stop(), 0);
    write_file_atomically(config_file(), text + "limits: {failed: {rate: 1, burst: 2}}\n", 0600);
    start();
  }
  [[nodiscard]] http::Response ask_for(const std::string& forwarded, const std::string& method, const std::string& path,
                                       const std::string& body = {}, Secret token = {}) const {
    http::ClientOptions options;
    options.base_url = url();
    return http::Client(options, std::move(token)).request(method, path, body, {{"X-Forwarded-For", forwarded}});
  }
  [[nodiscard]] unsigned boot_token_for(const std::string& forwarded) const {
    return ask_for(forwarded, "GET", "/boot/52-54-00-12-34-56/rescue-boot.cpio").status;
  }
};

TEST_F(BehindAProxy, GivesTheBootTokenToTheServerAndToNobodyWhoSaysHeIs) {
  trust("127.0.0.1");
  arm();
  EXPECT_EQ(boot().find("vmlinuz"), std::string::npos) << "the proxy for itself";
  ASSERT_NE(ask_for("203.0.113.7", "GET", "/boot/525400123456.ipxe").body.find("vmlinuz"), std::string::npos);
  EXPECT_EQ(second_initrd().status, 403U) << "the proxy for itself";
  EXPECT_EQ(boot_token_for("198.51.100.66"), 403U);
  EXPECT_EQ(boot_token_for("203.0.113.7, 198.51.100.66"), 403U) << "the proxy has written the last one";
  EXPECT_EQ(boot_token_for("203.0.113.7, nonsense"), 403U);
  EXPECT_EQ(boot_token_for("203.0.113.7"), 200U);
  EXPECT_EQ(boot_token_for("198.51.100.66, 203.0.113.7"), 200U);
}

TEST_F(BehindAProxy, BelievesNobodyByDefault) {
  arm();
  EXPECT_EQ(ask_for("203.0.113.7", "GET", "/boot/525400123456.ipxe").body.find("vmlinuz"), std::string::npos);
  EXPECT_EQ(boot_token_for("203.0.113.7"), 403U);
}

TEST_F(BehindAProxy, LimitsAndWritesDownTheClientsAddress) {
  trust("127.0.0.0/8");
  const auto guess = [this](const std::string& from) {
    return ask_for(from, "GET", "/v1/servers", "", Secret(std::string_view("rescue_guess"))).status;
  };
  auto status = guess("198.51.100.66");
  for (int i = 0; i < 20 && status == 401; ++i) status = guess("198.51.100.66");
  EXPECT_EQ(status, 429U);
  EXPECT_EQ(guess("198.51.100.67"), 401U) << "another client of the same proxy";
  ASSERT_EQ(ask_for("203.0.113.99", "PATCH", "/v1/servers/web-01", R"({"notes": "x"})", read_secret_file(token_file()))
                .status,
            200U);
  const auto log = json::parse(as_admin("GET", "/v1/audit?server=web-01&limit=1").body);
  EXPECT_NE(log.dump().find("203.0.113.99"), std::string::npos) << log.dump(2);
}

}  // namespace
}  // namespace rescue::netboot
