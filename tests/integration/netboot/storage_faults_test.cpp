// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests SQLite on a full or read-only file system: netbootd runs in a mount namespace of its own.
#include "daemon_under_test.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

namespace rescue::netboot {
namespace {

class StorageFaults : public DaemonUnderTest {
protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "mounts need root";
    if (on_postgresql()) GTEST_SKIP() << "files are SQLite's";
    DaemonUnderTest::SetUp();
    ASSERT_EQ(stop(), 0);
    std::filesystem::create_directories(in_folder("run"));
    std::filesystem::create_directories(in_folder("small"));
    const auto script =
        "mount -t tmpfs -o size=1m tmpfs \"$1/small\" && cp \"$1\"/db.sqlite* \"$1/small\" && shift && exec \"$@\"";
    write_file_atomically(in_folder("small.yaml"),
                          "listen: {port: 0}\ndatabase: {path: '" + in_folder("small/db.sqlite") + "'}\n", 0600);
    apart_ =
        std::make_unique<RunningNetbootd>(in_folder("small.yaml"), in_folder("run"),
                                          std::vector<std::string>{"/usr/bin/unshare", "--mount", "--propagation",
                                                                   "private", "sh", "-c", script, "sh", in_folder("")});
  }
  void TearDown() override {
    apart_.reset();
    DaemonUnderTest::TearDown();
  }
  [[nodiscard]] http::Response ask_apart(const std::string& method, const std::string& path,
                                         const std::string& body = {}) const {
    http::ClientOptions options;
    options.base_url = apart_->url();
    return http::Client(options, read_secret_file(token_file())).request(method, path, body);
  }
  [[nodiscard]] http::Response add(int number) const {
    const nlohmann::json body{{"name", "server-" + std::to_string(number)},
                              {"macs", {"5254000000" + std::to_string(number)}}};
    return ask_apart("POST", "/v1/servers", body.dump());
  }
  /// Path of a file in netbootd's mount namespace.
  [[nodiscard]] std::string seen(const std::string& name) const {
    return "/proc/" + std::to_string(apart_->pid()) + "/root" + in_folder("small/" + name);
  }
  static void expect_refused(const http::Response& response) {
    EXPECT_EQ(response.status, 503U) << response.body;
    EXPECT_EQ(nlohmann::json::parse(response.body)["code"], "unavailable");
  }

private:
  std::unique_ptr<RunningNetbootd> apart_;
};

TEST_F(StorageFaults, AFullDiskChangesNothingAndIsRecoveredFrom) {
  ASSERT_EQ(add(11).status, 201U);
  {
    std::ofstream fill(seen("fill"), std::ios::binary);
    const std::string block(4096, 'x');
    while (fill.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  // SQLite may still overwrite pages of its journal.
  auto refused = add(20);
  for (int i = 21; i < 99 && refused.status == 201; ++i) refused = add(i);
  expect_refused(refused);
  EXPECT_NE(refused.body.find("full"), std::string::npos) << refused.body;
  EXPECT_EQ(ask_apart("GET", "/v1/servers/server-11").status, 200U) << "reading goes on";
  std::filesystem::remove(seen("fill"));
  EXPECT_EQ(add(12).status, 201U);
  EXPECT_EQ(ask_apart("GET", "/v1/servers/server-12").status, 200U);
}

TEST_F(StorageFaults, AReadOnlyFileSystemIsSaidAtTheStart) {
  Command command;
  command.argv = {"unshare",
                  "--mount",
                  "--propagation",
                  "private",
                  "sh",
                  "-c",
                  "mount -t tmpfs -o size=1m tmpfs \"$1/small\" && cp \"$1\"/db.sqlite* \"$1/small\" &&"
                  " mount -o remount,ro \"$1/small\" && shift && exec \"$@\"",
                  "sh",
                  in_folder(""),
                  NETBOOTD,
                  "--config",
                  in_folder("small.yaml")};
  const auto ended = run(command);
  EXPECT_NE(ended.status, 0);
  EXPECT_NE(ended.err.find("can't open the database " + in_folder("small/db.sqlite")), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace rescue::netboot
