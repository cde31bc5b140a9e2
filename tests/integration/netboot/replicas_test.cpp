// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests two netbootds on one PostgreSQL, one of which dies; and one netbootd that loses its PostgreSQL.
#include "host_agent_under_test.hpp"
#include "simulated_bmc.hpp"

#include <algorithm>
#include <future>
#include <thread>

namespace rescue::netboot {
namespace {

using nlohmann::json;

class OnOnePostgresql : public ServerThatBoots {
protected:
  void SetUp() override {
    if (const auto why = RealPostgresql::missing(); !why.empty()) GTEST_SKIP() << why;
    server_ = std::make_unique<RealPostgresql>();
    database_ = server_->fresh_database();
    ServerThatBoots::SetUp();
    restart_with("", "bmc: {settle: 60s}\nsecrets: {key_file: '" + in_folder("secrets.key") + "'}\n");
    ASSERT_TRUE(std::filesystem::create_directory(in_folder("second")));
  }
  void TearDown() override {
    second_.reset();
    ServerThatBoots::TearDown();
  }
  [[nodiscard]] std::string database_section() const override {
    return "database: {url: '" + server_->url(database_) + "', connections: 4}\n";
  }
  [[nodiscard]] RealPostgresql& postgresql() { return *server_; }

  /// Starts another netbootd with the same configuration except the port.
  void start_second() {
    const auto config = in_folder("second.yaml");
    const auto text = read_file(config_file());
    write_file_atomically(config, "listen: {port: 0}\n" + text.substr(text.find("database:")), 0600);
    second_ = std::make_unique<RunningNetbootd>(config, in_folder("second"));
  }
  [[nodiscard]] http::Response ask_second(const std::string& method, const std::string& path,
                                          const std::string& body = {}, Secret token = {}) const {
    http::ClientOptions options;
    options.base_url = second_->url();
    return http::Client(options, std::move(token)).request(method, path, body);
  }
  [[nodiscard]] json second_says(const std::string& path) const {
    return json::parse(ask_second("GET", path, "", read_secret_file(token_file())).body);
  }

  /// A client with the admin token.
  [[nodiscard]] std::unique_ptr<http::Client> client_of(const std::string& url) const {
    http::ClientOptions options;
    options.base_url = url;
    return std::make_unique<http::Client>(options, read_secret_file(token_file()));
  }
  [[nodiscard]] std::string begun(const std::string& path, const json& body) const {
    const auto response = as_admin("POST", path, body.dump());
    EXPECT_EQ(response.status, 202U) << response.body;
    return json::parse(response.body).value("id", "");
  }
  /// Polls `look` until `done` accepts its result, for 40 s. Returns the last result.
  template <class Look, class Done>
  [[nodiscard]] static json await(Look look, Done done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(40);
    for (;;) {
      auto now = look();
      if (done(now) || std::chrono::steady_clock::now() > deadline) return now;
      std::this_thread::sleep_for(Milliseconds(50));  // polls another process
    }
  }
  [[nodiscard]] static std::string step(const json& task, const std::string& name) {
    for (const auto& step : task["steps"]) {
      if (step["name"] == name) return step["state"];
    }
    return "missing";
  }
  void add_bmc(const SimulatedBmc& bmc) const {
    const json body{{"address", "127.0.0.1"},
                    {"port", bmc.port()},
                    {"user", SimulatedBmc::user},
                    {"password", SimulatedBmc::password}};
    ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/bmc", body.dump()).status, 200U);
  }
  [[nodiscard]] static auto count(const std::string& text, const std::string& line) {
    int found = 0;
    for (auto at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) ++found;
    return found;
  }

  std::unique_ptr<RunningNetbootd> second_;

private:
  std::unique_ptr<RealPostgresql> server_;
  std::string database_;
};

TEST_F(OnOnePostgresql, AnotherGoesOnWithARescueOfOneThatWasKilled) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.turn("on");
  add_bmc(bmc);
  start_second();
  const auto id = begun("/v1/servers/web-01/rescue", json::object());
  const auto powered = await([&] { return second_says("/v1/tasks/" + id); },
                             [](const json& now) { return step(now, "boot-script") == "running"; });
  ASSERT_EQ(step(powered, "boot-script"), "running") << powered.dump(2);
  ASSERT_EQ(stop(SIGKILL), 128 + SIGKILL);

  const auto script = ask_second("GET", "/boot/52-54-00-12-34-56.ipxe").body;
  ASSERT_NE(script.find("vmlinuz"), std::string::npos) << script;
  const auto token = unpacked(ask_second("GET", "/boot/52-54-00-12-34-56/rescue-boot.cpio").body)["boot_token"];
  const json agent{{"agent_token_sha256", sha256_hex(agent_token)}, {"version", "0.1.0"}};
  ASSERT_EQ(ask_second("POST", "/v1/agent/redeem", agent.dump(), Secret(token.get<std::string>())).status, 201U);
  ASSERT_EQ(ask_second("POST", "/v1/agent/heartbeat", R"({"phase": "serving"})", Secret(std::string_view(agent_token)))
                .status,
            200U);
  const auto ended =
      await([&] { return second_says("/v1/tasks/" + id); }, [](const json& now) { return !now["ended_at"].is_null(); });
  EXPECT_EQ(ended["state"], "succeeded") << ended.dump(2);
  EXPECT_EQ(bmc.log(), "boot pxe\npower 0\npower 1\n") << "once";
}

TEST_F(OnOnePostgresql, APowerActionOfOneThatWasKilledIsNotSentAgain) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.turn("on");
  add_bmc(bmc);
  bmc.ignore_requests();
  const auto id = begun("/v1/servers/web-01/power", {{"action", "off"}});
  (void)await([&] { return json(bmc.log()); }, [](const json& log) { return log != ""; });
  ASSERT_EQ(count(bmc.log(), "power 0"), 1);
  start_second();
  ASSERT_EQ(stop(SIGKILL), 128 + SIGKILL);
  const auto ended =
      await([&] { return second_says("/v1/tasks/" + id); }, [](const json& now) { return !now["ended_at"].is_null(); });
  EXPECT_EQ(ended["state"], "failed");
  EXPECT_EQ(ended["error"]["code"], "interrupted") << ended.dump(2);
  EXPECT_EQ(count(bmc.log(), "power 0"), 1) << bmc.log();
}

TEST_F(OnOnePostgresql, AClaimThatIsWorkedOnIsKept) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.turn("on");
  add_bmc(bmc);
  bmc.ignore_requests();
  start_second();
  const auto id = begun("/v1/servers/web-01/power", {{"action", "off"}});
  // A claim without renewal would expire earlier.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(18);
  const auto looked = await([&] { return second_says("/v1/tasks/" + id); },
                            [&](const json&) { return std::chrono::steady_clock::now() > until; });
  EXPECT_EQ(looked["state"], "running") << looked.dump(2);
  EXPECT_EQ(count(bmc.log(), "power 0"), 1) << bmc.log();
}

TEST_F(OnOnePostgresql, WaitsForADatabaseThatIsNotThereYet) {
  arm();
  ASSERT_EQ(stop(), 0);
  postgresql().stop();
  start();
  EXPECT_TRUE(notified().starts_with("STATUS=Waiting for the database: ")) << "and it was READY=1 before";
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  EXPECT_EQ(ask("GET", "/readyz").status, 503U);
  const auto refused = as_admin("POST", "/v1/servers/web-01/rescue", "{}");
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(json::parse(refused.body)["code"], "unavailable") << refused.body;
  EXPECT_EQ(boot().find("vmlinuz"), std::string::npos) << "nobody knows what it is to boot";
  EXPECT_TRUE(boot().starts_with("#!ipxe"));
  for (const auto* const path : {"/boot/uuid/4c4c4544-0042-3510-8056-b4c04f463132.ipxe", "/boot/serial/B5VFS12.ipxe"}) {
    EXPECT_TRUE(ask("GET", path).body.starts_with("#!ipxe")) << path;
  }
  EXPECT_EQ(second_initrd().status, 503U) << "a script that was served before asks again";
  send_signal(SIGHUP);
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  postgresql().start();
  const auto ready =
      await([&] { return json(ask("GET", "/readyz").status); }, [](const json& status) { return status == 200; });
  EXPECT_EQ(ready, 200);
  EXPECT_NE(boot().find("vmlinuz"), std::string::npos);
  const std::string large(100'000, ' ');
  EXPECT_EQ(as_admin("POST", "/v1/servers:import?dry_run=true", large + "[]").status, 200U)
      << "what the first router did not know";
  EXPECT_EQ(stop(), 0);
}

TEST_F(OnOnePostgresql, StopsWhileItWaits) {
  ASSERT_EQ(stop(), 0);
  postgresql().stop();
  start();
  EXPECT_EQ(stop(SIGTERM), 0);
  postgresql().start();
}

TEST_F(OnOnePostgresql, CarriesARequestOutOnceThatIsSentToBothAtOnce) {
  start_second();
  const auto first = client_of(url());
  const auto second = client_of(second_->url());
  for (int round = 0; round < 10; ++round) {
    const auto name = "app-" + std::to_string(10 + round);
    const json body{{"name", name}, {"macs", {"52540000aa" + std::to_string(10 + round)}}};
    const auto add = [&](http::Client& client) {
      return client.request("POST", "/v1/servers", body.dump(), {{"Idempotency-Key", name}});
    };
    auto one = std::async(std::launch::async, [&] { return add(*first); });
    const auto other = add(*second);
    const std::vector<http::Response> answers{one.get(), other};
    std::vector<http::Response> created;
    for (const auto& answer : answers) {
      if (answer.status == 201) {
        created.push_back(answer);
      } else {
        EXPECT_EQ(answer.status, 409U) << answer.body;
        EXPECT_NE(answer.body.find("is running since"), std::string::npos) << answer.body;
      }
    }
    ASSERT_FALSE(created.empty()) << answers[0].body << answers[1].body;
    EXPECT_EQ(created.front().body, created.back().body);
    for (auto* const client : {first.get(), second.get()}) {
      const auto again = add(*client);
      EXPECT_EQ(again.status, 201U);
      EXPECT_EQ(again.body, created.front().body) << "on both";
    }
    const auto log = second_says("/v1/audit?server=" + name);
    EXPECT_EQ(log["entries"].size(), 1U) << log.dump(2);
  }
}

TEST_F(OnOnePostgresql, LivesThroughARestartOfTheDatabase) {
  const auto id = begun("/v1/servers/web-01/rescue", json::object());
  EXPECT_EQ(ask("GET", "/readyz").status, 200U);
  postgresql().stop();
  EXPECT_EQ(ask("GET", "/readyz").status, 503U);
  const auto refused = as_admin("POST", "/v1/servers/web-01/power", R"({"action": "on"})");
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(json::parse(refused.body)["code"], "unavailable") << refused.body;
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  EXPECT_NE(boot().find("vmlinuz"), std::string::npos) << "what was accepted is known, with or without the database";
  postgresql().start();
  const auto ready =
      await([&] { return json(ask("GET", "/readyz").status); }, [](const json& status) { return status == 200; });
  EXPECT_EQ(ready, 200);
  ASSERT_NE(boot().find("vmlinuz"), std::string::npos);
  ASSERT_EQ(redeem(unpacked(second_initrd().body)["boot_token"]).status, 201U);
  (void)heartbeat({{"phase", "serving"}});
  const auto ended = await([&] { return json::parse(as_admin("GET", "/v1/tasks/" + id).body); },
                           [](const json& now) { return !now["ended_at"].is_null(); });
  EXPECT_EQ(ended["state"], "succeeded") << ended.dump(2);
}

}  // namespace
}  // namespace rescue::netboot
