// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "host_agent_under_test.hpp"
#include "simulated_bmc.hpp"

#include <regex>
#include <thread>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// Runs the shell blocks of docs/api.md, and plays the server in between.
class ApiWalk : public ServerThatBoots {
protected:
  void SetUp() override {
    ServerThatBoots::SetUp();
    restart_with("", "bmc: {settle: 2s, patience: 5s}\nsecrets: {key_file: '" + in_folder("secrets.key") + "'}\n");
    ASSERT_EQ(as_admin("DELETE", "/v1/servers/web-01").status, 204U) << "the document adds it";
    std::filesystem::remove(token_file());  // the document makes the token, too
  }

  static std::vector<std::string> shell_blocks() {
    std::vector<std::string> blocks;
    const auto text = read_file(RESCUE_SOURCE_DIR "/docs/api.md");
    constexpr std::string_view fence = "\n```sh\n";
    for (auto at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
      at += fence.size();
      const auto end = text.find("\n```", at);
      blocks.push_back(text.substr(at, end - at));
    }
    return blocks;
  }

  /// Adapts a block to this machine: netbootd runs already, the server and its BMC are on loopback.
  [[nodiscard]] std::string here(std::string block) const {
    for (const auto& [from, to] : {std::pair<std::string, std::string>{R"((^|\n)netbootd [^\n]*&(?=\n|$))", "$1:"},
                                   {R"(URL=http://[^\n]*)", "URL=" + url()},
                                   {R"(203\.0\.113\.7)", "127.0.0.1"},
                                   {"curl -sS", "curl -sS --fail-with-body"}}) {
      block = std::regex_replace(block, std::regex(from), to);
    }
    return block;
  }

  /// Runs the block in a shell of its own, after the settings of the first block.
  void run_block(const std::string& block) {
    const auto folder = std::filesystem::path(token_file()).parent_path().string();
    const auto programs = std::filesystem::path(NETBOOTD).parent_path().string() + ":" +
                          std::filesystem::path(NETBOOTCTL).parent_path().string();
    Command command;
    command.argv = {"/bin/bash", "-euo", "pipefail", "-c",
                    "cd '" + folder + "'; PATH=" + programs + ":/usr/bin:/bin\n" + setup_ + "\n" + here(block)};
    const auto done = run(command);
    EXPECT_EQ(done.status, 0) << block << "\n-- says:\n" << done.out << done.err;
    // Later blocks need only functions and variables of the first.
    if (setup_.empty()) setup_ = here(block.substr(block.find("\nURL=")));
  }

  [[nodiscard]] bool is_powered(const std::string& task) const {
    const auto now = json::parse(as_admin("GET", "/v1/tasks/" + task).body);
    for (const auto& step : now["steps"]) {
      if (step["name"] == "power") return step["state"] == "done";
    }
    return false;
  }
  void await_power(const std::string& task) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_powered(task) && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(Milliseconds(20));  // polls another process
    }
    ASSERT_TRUE(is_powered(task)) << as_admin("GET", "/v1/tasks/" + task).body;
  }
  void await_quiet() const {
    const auto is_busy = [this] {
      for (const auto* const state : {"queued", "running"}) {
        const auto listed = json::parse(as_admin("GET", std::string("/v1/tasks?state=") + state).body);
        if (!listed["tasks"].empty()) return true;
      }
      return false;
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (is_busy() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(Milliseconds(20));  // polls another process
    }
    EXPECT_FALSE(is_busy());
  }
  /// Plays the rescue system until it serves.
  void serve() const {
    ASSERT_NE(boot().find("vmlinuz"), std::string::npos);
    ASSERT_EQ(redeem(unpacked(second_initrd().body)["boot_token"]).status, 201U);
    ASSERT_EQ(as_agent("PUT", "/v1/agent/credentials", R"({"sealed": "c2VhbGVk"})").status, 204U);
    (void)heartbeat({{"phase", "serving"}, {"connection", {{"address", "203.0.113.7"}}}});
  }
  void finish() const {
    (void)heartbeat({{"phase", "finishing"}});
    (void)heartbeat({{"phase", "finished"}});
  }

  std::string setup_;
};

TEST_F(ApiWalk, WorksAsItIsWritten) {
  SimulatedBmc bmc(in_folder("bmc"));
  bmc.turn("on");
  write_file_atomically(in_folder("bmc.json"),
                        json{{"address", "127.0.0.1"},
                             {"port", bmc.port()},
                             {"user", SimulatedBmc::user},
                             {"password", SimulatedBmc::password}}
                            .dump(),
                        0600);
  const auto blocks = shell_blocks();
  ASSERT_GT(blocks.size(), 10U);
  for (const auto& block : blocks) {
    SCOPED_TRACE(block);
    run_block(block);
    if (block.find("keygen") != std::string::npos) {
      await_power("t-1");
      serve();
    }
    if (block.find("-X DELETE \"$URL/v1/servers/web-01/rescue") != std::string::npos) {
      finish();
      await_quiet();
    }
    if (block.find("\"action\"") != std::string::npos) await_quiet();
    ASSERT_FALSE(HasFailure());
  }
}

}  // namespace
}  // namespace rescue::netboot
