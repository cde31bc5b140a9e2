// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "host_agent_under_test.hpp"
#include "simulated_bmc.hpp"
#include "simulated_redfish.hpp"

#include <sys/stat.h>

#include <thread>

namespace rescue::netboot {
namespace {

using nlohmann::json;

class RescueTask : public ServerThatBoots {
protected:
  void SetUp() override {
    ServerThatBoots::SetUp();
    restart_with("", "bmc: {settle: 2s, patience: 5s}\nsecrets: {key_file: '" + in_folder("secrets.key") + "'}\n");
  }

  void add_bmc(int port, const std::string& password = SimulatedBmc::password) const {
    const json bmc{{"address", "127.0.0.1"}, {"port", port}, {"user", SimulatedBmc::user}, {"password", password}};
    const auto set = as_admin("PUT", "/v1/servers/web-01/bmc", bmc.dump());
    ASSERT_EQ(set.status, 200U) << set.body;
    EXPECT_EQ(set.body.find(password), std::string::npos);
  }
  void add_redfish(const SimulatedRedfish& bmc) const {
    const json told{{"kind", "redfish"},
                    {"url", bmc.url()},
                    {"user", bmc.user},
                    {"password", bmc.password},
                    {"fingerprint", bmc.fingerprint()}};
    ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/bmc", told.dump()).status, 200U);
  }
  /// Id of the task that the request begins.
  [[nodiscard]] std::string begun(const std::string& method, const std::string& path, const json& body) const {
    const auto response = as_admin(method, path, body.is_null() ? "" : body.dump());
    EXPECT_EQ(response.status, 202U) << response.body;
    return json::parse(response.body).value("id", "");
  }
  [[nodiscard]] json task(const std::string& id) const { return json::parse(as_admin("GET", "/v1/tasks/" + id).body); }
  /// Polls the task until `done` accepts it, for 20 s. Returns the last state.
  template <class Done>
  [[nodiscard]] json await(const std::string& id, Done done) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      auto now = task(id);
      if (done(now) || std::chrono::steady_clock::now() > deadline) return now;
      std::this_thread::sleep_for(Milliseconds(20));  // polls another process
    }
  }
  [[nodiscard]] json await_end(const std::string& id) const {
    return await(id, [](const json& now) { return !now["ended_at"].is_null(); });
  }
  [[nodiscard]] static std::string step(const json& task, const std::string& name) {
    for (const auto& step : task["steps"]) {
      if (step["name"] == name) return step["state"];
    }
    return "missing";
  }
  /// Polls until the boot device is `wanted`, for 20 s. Returns the last one.
  [[nodiscard]] static std::string boot_device_of(const SimulatedRedfish& bmc, const std::string& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (bmc.boot_device() != wanted && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(Milliseconds(20));  // polls another process
    }
    return bmc.boot_device();
  }
  [[nodiscard]] std::string mode() const {
    return json::parse(as_admin("GET", "/v1/servers/web-01/boot-mode").body)["mode"];
  }
  /// Boots the server and redeems its boot token.
  void come_up(const std::string& token = agent_token) const {
    ASSERT_NE(boot().find("vmlinuz"), std::string::npos);
    ASSERT_EQ(redeem(unpacked(second_initrd().body)["boot_token"], token).status, 201U);
  }
};

TEST_F(RescueTask, GoesFromThePowerSwitchToCredentialsAndBackToTheDisk) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.turn("on");
  add_bmc(bmc.port());
  const auto keys = make_box_keys();
  const auto id = begun("POST", "/v1/servers/web-01/rescue",
                        {{"public_key", base64_of(keys.public_key)}, {"reason", "ticket 4711"}, {"then", "poweroff"}});
  const auto powered =
      await(id, [](const json& now) { return step(now, "power") != "running" && step(now, "power") != "pending"; });
  EXPECT_EQ(step(powered, "power"), "done") << powered.dump(2);
  EXPECT_EQ(bmc.log(), "boot pxe\npower 0\npower 1\n");
  EXPECT_TRUE(bmc.is_on());
  come_up();
  (void)heartbeat(
      {{"phase", "starting"},
       {"waiting_for", "the guest agent"},
       {"steps", {{{"name", "preflight"}, {"state", "done"}}, {{"name", "inventory"}, {"state", "begun"}}}}});
  const auto starting = task(id);
  EXPECT_EQ(starting["state"], "running");
  EXPECT_EQ(step(starting, "preflight"), "done");
  EXPECT_EQ(step(starting, "inventory"), "running");
  EXPECT_EQ(starting["waiting_for"], "the guest agent");

  const auto sealed = base64_of(seal(Secret(R"({"user":"Administrator","password":"pass"})"), keys.public_key));
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/rescue/credentials").status, 404U) << "not yet";
  ASSERT_EQ(as_agent("PUT", "/v1/agent/credentials",
                     json{{"sealed", sealed}, {"connection", {{"address", "203.0.113.7"}}}}.dump())
                .status,
            204U);
  (void)heartbeat({{"phase", "serving"}});
  EXPECT_EQ(await_end(id)["state"], "succeeded");
  const auto shown = json::parse(as_admin("GET", "/v1/servers/web-01/rescue").body);
  EXPECT_EQ(shown["phase"], "serving");
  EXPECT_EQ(shown["credentials"], "available");
  EXPECT_EQ(shown["connection"]["address"], "203.0.113.7");
  EXPECT_TRUE(shown["alive"]);

  const auto handed = json::parse(as_admin("POST", "/v1/servers/web-01/rescue/credentials").body);
  EXPECT_EQ(open_sealed(bytes_of_base64(handed["sealed"].get<std::string>()).value(), keys.secret_key).reveal(),
            R"({"user":"Administrator","password":"pass"})");
  const auto again = as_admin("POST", "/v1/servers/web-01/rescue/credentials");
  EXPECT_EQ(again.status, 410U);
  EXPECT_NE(again.body.find("handed out at 20"), std::string::npos) << again.body;

  const auto finish = begun("DELETE", "/v1/servers/web-01/rescue", {});
  const auto told = await(finish, [](const json& now) { return step(now, "host") == "running"; });
  EXPECT_EQ(step(told, "host"), "running");
  const auto command = heartbeat({{"phase", "serving"}})["command"];
  EXPECT_EQ(command["kind"], "finish");
  EXPECT_EQ(command["then"], "poweroff") << "as the request said";
  EXPECT_EQ(heartbeat({{"phase", "serving"}})["command"], command) << "until it is carried out";
  EXPECT_FALSE(heartbeat({{"phase", "finishing"}}).contains("command"));
  EXPECT_EQ(as_agent("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "disk"})").status, 200U);
  (void)heartbeat({{"phase", "finished"}});
  EXPECT_EQ(await_end(finish)["state"], "succeeded");
  EXPECT_EQ(mode(), "disk");
  EXPECT_EQ(json::parse(as_admin("GET", "/v1/servers/web-01/tasks").body)["tasks"].size(), 2U);
}

TEST_F(RescueTask, SwitchesThePowerByRedfish) {
  SimulatedRedfish bmc(in_folder("bmc"), "hpe");
  bmc.turn("on");
  bmc.fault("post PATCH 1");  // it is still in its self-test
  add_redfish(bmc);
  const auto id = begun("POST", "/v1/servers/web-01/rescue", json::object());
  const auto powered =
      await(id, [](const json& now) { return step(now, "power") != "running" && step(now, "power") != "pending"; });
  EXPECT_EQ(step(powered, "power"), "done") << powered.dump(2);
  EXPECT_EQ(bmc.log(), "boot pxe\npower 0\npower 1\n");
  come_up();
  (void)heartbeat({{"phase", "serving"}});
  EXPECT_EQ(await_end(id)["state"], "succeeded");
}

/// The BMC behaves like OpenStack's emulator.
TEST_F(RescueTask, ABootDeviceThatLastsIsTakenBackWhenTheRescueServesOrFails) {
  SimulatedRedfish bmc(in_folder("bmc"), "generic", "IP:127.0.0.1",
                       {"--set=always_lasting=true", "--set=targets={\"Pxe\": \"pxe\", \"Hdd\": \"default\"}",
                        "--set=needs=[\"BootSourceOverrideTarget\"]"});
  bmc.turn("on");
  add_redfish(bmc);
  const auto rescued = begun("POST", "/v1/servers/web-01/rescue", json::object());
  const auto powered = await(rescued, [](const json& now) { return step(now, "boot-script") == "running"; });
  EXPECT_EQ(step(powered, "power"), "done") << powered.dump(2);
  EXPECT_EQ(bmc.boot_device(), "pxe\n");
  come_up();
  (void)heartbeat({{"phase", "serving"}});
  EXPECT_EQ(await_end(rescued)["state"], "succeeded");
  EXPECT_EQ(boot_device_of(bmc, "default\n"), "default\n") << "the disk, where nothing can be taken back";

  const auto finish = begun("DELETE", "/v1/servers/web-01/rescue", {});
  (void)await(finish, [](const json& now) { return step(now, "host") == "running"; });
  EXPECT_EQ(as_agent("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "disk"})").status, 200U);
  (void)heartbeat({{"phase", "finished"}});
  EXPECT_EQ(await_end(finish)["state"], "succeeded");
  const auto cancelled = begun("POST", "/v1/servers/web-01/rescue", json::object());
  (void)await(cancelled, [](const json& now) { return step(now, "boot-script") == "running"; });
  EXPECT_EQ(bmc.boot_device(), "pxe\n");
  EXPECT_EQ(await_end(begun("DELETE", "/v1/servers/web-01/rescue", {}))["state"], "succeeded");
  EXPECT_EQ(boot_device_of(bmc, "default\n"), "default\n");
}

TEST_F(RescueTask, LeavesTheServerAsItWasWhenTheBmcRefusesThePassword) {
  SimulatedBmc bmc(in_folder("bmc"));
  add_bmc(bmc.port(), "wrong");
  const auto task = await_end(begun("POST", "/v1/servers/web-01/rescue", json::object()));
  EXPECT_EQ(task["state"], "failed");
  EXPECT_EQ(task["error"]["code"], "bmc-denied") << task.dump(2);
  EXPECT_NE(task["error"]["detail"].get<std::string>().find("refuses user or password"), std::string::npos);
  EXPECT_EQ(step(task, "power"), "failed");
  EXPECT_EQ(mode(), "disk");
  EXPECT_EQ(bmc.log(), "");
}

TEST_F(RescueTask, LeavesTheServerAsItWasWhenNoBmcAnswers) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.stop();
  add_bmc(bmc.port());
  const auto task = await_end(begun("POST", "/v1/servers/web-01/rescue", json::object()));
  EXPECT_EQ(task["state"], "failed");
  EXPECT_EQ(task["error"]["code"], "unavailable") << task.dump(2);
  EXPECT_EQ(mode(), "disk");
}

TEST_F(RescueTask, SaysThatABmcAcceptsAndDoesNothing) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.turn("on");
  bmc.ignore_requests();
  add_bmc(bmc.port());
  const auto task = await_end(begun("POST", "/v1/servers/web-01/rescue", json::object()));
  EXPECT_EQ(task["error"]["code"], "timeout") << task.dump(2);
  EXPECT_NE(task["error"]["detail"].get<std::string>().find("accepted the boot device"), std::string::npos);
  EXPECT_EQ(mode(), "disk");
  const auto power = await_end(begun("POST", "/v1/servers/web-01/power", {{"action", "off"}}));
  EXPECT_EQ(power["error"]["code"], "timeout");
  EXPECT_NE(power["error"]["detail"].get<std::string>().find("the power is not off after 2 s"), std::string::npos);
}

TEST_F(RescueTask, SwitchesThePower) {
  SimulatedBmc bmc(in_folder("bmc"));
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01/power").status, 422U) << "no BMC yet";
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/power", R"({"action": "on"})").status, 422U);
  add_bmc(bmc.port());
  EXPECT_EQ(json::parse(as_admin("GET", "/v1/servers/web-01/power").body)["power"], "off");
  const auto on = await_end(begun("POST", "/v1/servers/web-01/power", {{"action", "on"}, {"boot_device", "disk"}}));
  EXPECT_EQ(on["state"], "succeeded") << on.dump(2);
  EXPECT_EQ(bmc.boot_device(), "default\n");
  EXPECT_EQ(json::parse(as_admin("GET", "/v1/servers/web-01/power").body)["power"], "on");
  EXPECT_EQ(await_end(begun("POST", "/v1/servers/web-01/power", {{"action", "cycle"}}))["state"], "succeeded");
  EXPECT_EQ(await_end(begun("POST", "/v1/servers/web-01/power", {{"action", "off"}}))["state"], "succeeded");
  EXPECT_FALSE(bmc.is_on());
  EXPECT_EQ(await_end(begun("POST", "/v1/servers/web-01/power", {{"action", "reset"}}))["error"]["code"],
            "precondition");
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/power", R"({"action": "explode"})").status, 400U);
}

TEST_F(RescueTask, IsRefusedTwiceAtOnce) {
  const auto id = begun("POST", "/v1/servers/web-01/rescue", json::object());
  EXPECT_EQ(step(task(id), "power"), "skipped") << "no BMC, so by hand";
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/rescue", "{}").status, 409U);
  come_up();
  (void)heartbeat({{"phase", "serving"}});
  EXPECT_EQ(await_end(id)["state"], "succeeded");
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/rescue", "{}").status, 409U) << "its session is alive";
}

TEST_F(RescueTask, IsRefusedWhereItCouldNotWork) {
  ASSERT_EQ(as_admin("POST", "/v1/servers", R"({"name": "db-01", "macs": ["525400000002"]})").status, 201U);
  EXPECT_EQ(as_admin("POST", "/v1/servers/db-01/rescue", "{}").status, 422U) << "no address";
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/rescue", R"({"power": "cycle"})").status, 422U) << "no BMC";
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/rescue", R"({"public_key": "c2hvcnQ="})").status, 400U);
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-01/rescue", R"({"image": "../x"})").status, 400U);
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01/rescue").status, 409U) << "nothing to finish";
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01/rescue?then=explode").status, 400U);
  EXPECT_EQ(as_admin("GET", "/v1/tasks/t-99").status, 404U);
  EXPECT_EQ(as_admin("GET", "/v1/tasks/x").status, 404U);
  EXPECT_EQ(ask("GET", "/v1/tasks/t-1").status, 401U);
}

TEST_F(RescueTask, FailsWithWhatTheHostAgentSaid) {
  const auto id = begun("POST", "/v1/servers/web-01/rescue", json::object());
  come_up();
  (void)heartbeat(
      {{"phase", "failed"}, {"failure", {{"code", "disk"}, {"message", "sda is mounted"}, {"hint", "Unmount it."}}}});
  const auto failed = await_end(id);
  EXPECT_EQ(failed["state"], "failed");
  EXPECT_EQ(failed["error"], json({{"code", "disk"}, {"detail", "sda is mounted"}, {"hint", "Unmount it."}}));
}

TEST_F(RescueTask, PassesOnWhatBecomesOfTheChanges) {
  (void)begun("POST", "/v1/servers/web-01/rescue", {{"disk_mode", "overlay"}});
  come_up();
  (void)heartbeat({{"phase", "serving"}});
  const auto id = begun("DELETE", "/v1/servers/web-01/rescue?changes=discard&then=poweroff", {});
  (void)await(id, [](const json& now) { return step(now, "host") == "running"; });
  const auto command = heartbeat({{"phase", "serving"}})["command"];
  EXPECT_EQ(command, json({{"id", 2}, {"kind", "finish"}, {"then", "poweroff"}, {"changes", "discard"}}));
  (void)heartbeat({{"phase", "finished"}});
  EXPECT_EQ(await_end(id)["changes"], "discard");
}

TEST_F(RescueTask, IsCancelledByItsEnd) {
  const auto id = begun("POST", "/v1/servers/web-01/rescue", json::object());
  const auto finish = await_end(begun("DELETE", "/v1/servers/web-01/rescue", {}));
  EXPECT_EQ(finish["state"], "succeeded");
  EXPECT_EQ(step(finish, "host"), "skipped");
  EXPECT_EQ(step(finish, "power"), "skipped") << "a host that is silent is not power-cycled without force";
  EXPECT_EQ(task(id)["state"], "cancelled");
  EXPECT_EQ(mode(), "disk");
}

TEST_F(RescueTask, IsCancelledWhenItsLeaseIsEndedByHand) {
  const auto id = begun("POST", "/v1/servers/web-01/rescue", json::object());
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "disk"})").status, 200U);
  EXPECT_EQ(await_end(id)["state"], "cancelled");
}

TEST_F(RescueTask, EndsASilentHostByForce) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.turn("on");
  add_bmc(bmc.port());
  const auto id = begun("POST", "/v1/servers/web-01/rescue", {{"power", "none"}});
  const auto finish = await_end(begun("DELETE", "/v1/servers/web-01/rescue?then=poweroff&force=true", {}));
  EXPECT_EQ(finish["state"], "succeeded") << finish.dump(2);
  EXPECT_FALSE(bmc.is_on());
  EXPECT_EQ(task(id)["state"], "cancelled");
}

/// A client with the host's tokens that ignores orders.
class HostThatDoesNotHeed : public RescueTask {
protected:
  void SetUp() override {
    RescueTask::SetUp();
    restart_with("  alive: 1s\n  heartbeat_interval: 500ms\n",
                 "bmc: {settle: 2s}\nlimits: {failed: {rate: 0}}\nsecrets: {key_file: '" + in_folder("secrets.key") +
                     "'}\n");
  }
  void begin_session() {
    (void)begun("POST", "/v1/servers/web-01/rescue", {{"power", "none"}});
    come_up();
    (void)heartbeat({{"phase", "serving"}});
  }
  /// Redeems with another agent token: a rescue system makes a new one at each boot.
  void begin_session_of_next_boot() {
    (void)begun("POST", "/v1/servers/web-01/rescue", {{"power", "none"}});
    come_up("rescue_next");
  }
  [[nodiscard]] unsigned goes_on() const {
    return as_agent("POST", "/v1/agent/heartbeat", R"({"phase": "serving"})").status;
  }
  [[nodiscard]] json ended_by_force() {
    const auto id = begun("DELETE", "/v1/servers/web-01/rescue?then=poweroff&force=true", {});
    return await(id, [&](const json& now) {
      (void)goes_on();
      return !now["ended_at"].is_null();
    });
  }
};

TEST_F(HostThatDoesNotHeed, IsEndedByForce) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.turn("on");
  add_bmc(bmc.port());
  begin_session();
  const auto finish = ended_by_force();
  EXPECT_EQ(finish["state"], "succeeded") << finish.dump(2);
  EXPECT_FALSE(bmc.is_on());
  EXPECT_EQ(mode(), "disk");
  EXPECT_EQ(goes_on(), 401U);
  begin_session_of_next_boot();
}

TEST_F(HostThatDoesNotHeed, IsEndedByForceEvenWithoutABmc) {
  begin_session();
  const auto finish = ended_by_force();
  EXPECT_EQ(finish["state"], "failed") << "nobody switched its power";
  EXPECT_EQ(mode(), "disk");
  EXPECT_EQ(goes_on(), 401U);
  begin_session_of_next_boot();
}

TEST_F(RescueTask, FailsAtItsDeadline) {
  restart_with("", "tasks: {rescue: 1s}\n");
  const auto failed = await_end(begun("POST", "/v1/servers/web-01/rescue", json::object()));
  EXPECT_EQ(failed["error"]["code"], "timeout");
  EXPECT_EQ(failed["error"]["detail"], "the server did not ask for its boot script");
  EXPECT_EQ(mode(), "disk");
}

TEST_F(RescueTask, GoesOnAfterARestartOfNetbootd) {
  const auto id = begun("POST", "/v1/servers/web-01/rescue", json::object());
  ASSERT_EQ(stop(SIGKILL), 128 + SIGKILL);
  start();
  come_up();
  (void)heartbeat({{"phase", "serving"}});
  EXPECT_EQ(await_end(id)["state"], "succeeded");
}

TEST_F(RescueTask, KeepsThePasswordOfABmcToItself) {
  SimulatedBmc bmc(in_folder("bmc"));
  add_bmc(bmc.port());
  struct stat status {};
  ASSERT_EQ(::stat(in_folder("secrets.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  std::string sealed;
  sql() << "SELECT sealed_password FROM bmcs", soci::into(sealed);
  EXPECT_FALSE(sealed.empty());
  EXPECT_EQ(sealed.find(SimulatedBmc::password), std::string::npos);
  if (!on_postgresql()) {
    for (const auto* const file : {"db.sqlite", "db.sqlite-wal"}) {
      EXPECT_EQ(read_file(in_folder(file)).find(SimulatedBmc::password), std::string::npos) << file;
    }
  }
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01").body.find(SimulatedBmc::password), std::string::npos);
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01/bmc").status, 204U);
  EXPECT_TRUE(json::parse(as_admin("GET", "/v1/servers/web-01").body)["bmc"].is_null());
}

}  // namespace
}  // namespace rescue::netboot
