// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "daemon_under_test.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <thread>

namespace rescue::netboot {
namespace {

class Reload : public DaemonUnderTest {
protected:
  [[nodiscard]] std::string level() const {
    return nlohmann::json::parse(as_admin("GET", "/v1/log-level").body)["level"];
  }
  static std::string boot_from(const std::string& folder, const std::string& level) {
    return "boot:\n  rescue-windows: {base_url: 'http://192.0.2.10/" + folder + "'}\nlog: {level: " + level +
           "}\nlimits: {token: {rate: 0}}\n";
  }
};

TEST_F(Reload, LosesNoRequest) {
  ASSERT_EQ(as_admin("POST", "/v1/servers", R"({"name":"web-01","macs":["52:54:00:00:00:01"]})").status, 201U);
  configure(boot_from("rescue", "info"));
  reload();
  std::atomic<bool> done{false};
  std::atomic<int> answered{0};
  std::atomic<int> lost{0};
  std::vector<std::thread> clients;
  for (const auto* const path : {"/v1/servers/web-01", "/boot/52-54-00-00-00-01.ipxe", "/healthz"}) {
    clients.emplace_back([&, path] {
      while (!done) {
        try {
          as_admin("GET", path).status == 200U ? ++answered : ++lost;
        } catch (const Error&) {
          ++lost;
        }
      }
    });
  }
  constexpr int reloads = 20;
  for (int i = 0; i < reloads; ++i) {
    const int before = answered;
    configure(boot_from("rescue-" + std::to_string(i), i % 2 == 0 ? "warning" : "error"));
    reload();
    EXPECT_EQ(level(), i % 2 == 0 ? "warning" : "error");
    // Waits for requests after each reload.
    for (int look = 0; look < 5'000 && answered <= before + 3 && lost == 0; ++look) {
      std::this_thread::sleep_for(Milliseconds(1));
    }
  }
  done = true;
  for (auto& client : clients) client.join();
  EXPECT_EQ(lost, 0) << "of " << answered;
  EXPECT_GT(answered, 3 * reloads);
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode":"rescue-windows"})").status, 200U);
  EXPECT_NE(ask("GET", "/boot/52-54-00-00-00-01.ipxe").body.find("/rescue-19/vmlinuz"), std::string::npos);
}

TEST_F(Reload, KeepsEverythingWhenTheFileIsWrong) {
  configure(boot_from("other", "error") + "leese: {ttl: 4h}\n");
  reload();
  EXPECT_EQ(level(), "info");
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
}

TEST_F(Reload, BootsTheDiskOfAServerWhoseModeIsTakenAway) {
  ASSERT_EQ(
      as_admin("POST", "/v1/servers", R"({"name":"web-01","macs":["52:54:00:00:00:01"],"serial":"B5V FS12"})").status,
      201U);
  configure(std::string(rescue_section) + "  memory-test: {kernel: 'http://192.0.2.10/memtest64.efi'}\n");
  reload();
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode":"memory-test"})").status, 200U);
  for (const auto* const path : {"/boot/52-54-00-00-00-01.ipxe", "/boot/serial/B5V%20FS12.ipxe"}) {
    EXPECT_NE(ask("GET", path).body.find("kernel --name vmlinuz http://192.0.2.10/memtest64.efi"), std::string::npos);
  }
  configure(rescue_section);
  reload();
  const auto script = ask("GET", "/boot/serial/B5V%20FS12.ipxe");
  EXPECT_EQ(script.status, 200U);
  EXPECT_EQ(script.body.find("kernel"), std::string::npos) << script.body;
  EXPECT_NE(script.body.find("netbootd.yaml does not say what memory-test boots"), std::string::npos) << script.body;
  const auto state = nlohmann::json::parse(as_admin("GET", "/v1/servers/web-01/boot-mode").body);
  EXPECT_EQ(state["lease"]["mode"], "memory-test");
  EXPECT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode":"memory-test"})").status, 400U);
  EXPECT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode":"disk"})").status, 200U);
}

TEST_F(Reload, LeavesWhatTakesARestart) {
  write_file_atomically(config_file(), "listen: {port: 1}\ndatabase: {path: /nowhere/db}\nlog: {level: error}\n", 0600);
  reload();
  EXPECT_EQ(level(), "error") << "the rest is taken over";
  EXPECT_EQ(ask("GET", "/readyz").status, 200U);
}

TEST_F(Reload, GoesOnCounting) {
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  reload();
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  const auto figures = as_admin("GET", "/metrics").body;
  EXPECT_NE(figures.find(R"(netbootd_http_requests_total{route="/healthz",method="GET",status="2xx"} 2)"),
            std::string::npos)
      << figures;
}

TEST_F(Reload, LetsNobodyBeginAnewWithWhatHeMayAsk) {
  configure(rescue_section + std::string("limits: {failed: {rate: 1, burst: 3}}\n"));
  reload();
  const auto guess = [this] { return ask("GET", "/v1/servers", "", Secret(std::string_view("rescue_guess"))).status; };
  auto status = guess();
  for (int i = 0; i < 20 && status == 401; ++i) status = guess();
  ASSERT_EQ(status, 429U);
  reload();
  int passed = 0;
  for (int i = 0; i < 3; ++i) passed += guess() == 401 ? 1 : 0;
  EXPECT_LT(passed, 3) << "as many as at the start";
}

TEST_F(Reload, SetsTheLogLevelWhileItRuns) {
  EXPECT_EQ(netbootctl({"log-level"}).out, "info\n");
  EXPECT_EQ(netbootctl({"log-level", "debug"}).out, "debug\n");
  EXPECT_EQ(level(), "debug");
  EXPECT_EQ(as_admin("PUT", "/v1/log-level", R"({"level": "warning"})").status, 200U);
  EXPECT_EQ(level(), "warning");
  EXPECT_EQ(as_admin("PUT", "/v1/log-level", R"({"level": "loud"})").status, 400U);
  EXPECT_EQ(netbootctl({"log-level", "loud"}).status, 2);
  EXPECT_EQ(ask("PUT", "/v1/log-level", R"({"level":"debug"})").status, 401U);
}

}  // namespace
}  // namespace rescue::netboot
