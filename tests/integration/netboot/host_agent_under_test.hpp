// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sends the HTTP requests of a server that boots from the netbootd under test, and of its host agent.

#include "daemon_under_test.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>

namespace rescue::netboot {

inline std::string sha256_hex(const std::string& text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  const void* const bytes = text.data();
  ::crypto_hash_sha256(digest.data(), static_cast<const unsigned char*>(bytes), text.size());
  std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
  ::sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

class ServerThatBoots : public DaemonUnderTest {
protected:
  static constexpr auto agent_token = "rescue_agent";

  void SetUp() override {
    DaemonUnderTest::SetUp();
    restart_with("");
    ASSERT_EQ(
        as_admin("POST", "/v1/servers", R"({"name": "web-01", "macs": ["52:54:00:12:34:56"], "address": "127.0.0.1"})")
            .status,
        201U);
  }

  /// Restarts on the same port: agent.url contains it.
  void restart_with(const std::string& more_of_agent, const std::string& more = {}) {
    const auto port = read_file(in_folder("port"));
    ASSERT_EQ(stop(), 0);
    write_file_atomically(config_file(),
                          "listen: {port: " + port + "}\n" + database_section() + rescue_section + "agent:\n  url: '" +
                              url() + "'\n" + more_of_agent + more,
                          0600);
    start();
  }

  void arm() const {
    ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "rescue-windows"})").status, 200U);
  }
  [[nodiscard]] std::string boot() const { return ask("GET", "/boot/52-54-00-12-34-56.ipxe").body; }
  [[nodiscard]] http::Response second_initrd() const { return ask("GET", "/boot/52-54-00-12-34-56/rescue-boot.cpio"); }

  /// Reads control-plane.json of a second initrd by cpio.
  [[nodiscard]] static nlohmann::json unpacked(const std::string& archive) {
    Command command;
    command.argv = {"cpio", "--extract", "--quiet", "--to-stdout", "rescue-boot/control-plane.json"};
    command.input = archive;
    return nlohmann::json::parse(run_checked(command).out);
  }

  [[nodiscard]] http::Response redeem(const std::string& boot_token, const std::string& token = agent_token) const {
    const nlohmann::json body{{"agent_token_sha256", sha256_hex(token)}, {"version", "0.1.0"}};
    return ask("POST", "/v1/agent/redeem", body.dump(), Secret(boot_token));
  }
  [[nodiscard]] http::Response as_agent(const std::string& method, const std::string& path,
                                        const std::string& body) const {
    return ask(method, path, body, Secret(std::string_view(agent_token)));
  }
  [[nodiscard]] nlohmann::json heartbeat(const nlohmann::json& body) const {
    const auto response = as_agent("POST", "/v1/agent/heartbeat", body.dump());
    EXPECT_EQ(response.status, 200U) << response.body;
    return nlohmann::json::parse(response.body);
  }
};

}  // namespace rescue::netboot
