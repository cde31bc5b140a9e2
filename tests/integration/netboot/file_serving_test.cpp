// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"
#include "daemon_under_test.hpp"

#include <fstream>

namespace rescue::netboot {
namespace {

class FilesOfNetbootd : public DaemonUnderTest {
protected:
  void restart_with(const std::string& files) {
    (void)stop();
    configure("files: " + files + "\n");
    start();
  }
  /// Output of curl, which supports ranges and redirects.
  [[nodiscard]] std::string curl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"curl", "--silent", "--noproxy", "*"});
    Command command;
    command.argv = std::move(arguments);
    return run(command).out;
  }
};

TEST_F(FilesOfNetbootd, ComeFromItsFolderAndFromNowhereElse) {
  std::filesystem::create_directories(in_folder("www/rescue"));
  write_file_atomically(in_folder("www/rescue/vmlinuz"), "0123456789", 0644);
  std::filesystem::create_symlink(token_file(), in_folder("www/token"));
  restart_with("{path: '" + in_folder("www") + "', max_age: 5m}");
  const auto kernel = url() + "/files/rescue/vmlinuz";
  EXPECT_EQ(curl({kernel}), "0123456789");
  EXPECT_EQ(ask("GET", "/files/token").status, 404U);
  EXPECT_EQ(curl({"--range", "2-4", kernel}), "234");
  EXPECT_EQ(curl({"--range", "99-", "--output", "/dev/null", "--write-out", "%{http_code}", kernel}), "416");
  EXPECT_NE(curl({"--head", kernel}).find("Cache-Control: public, max-age=300"), std::string::npos);
  for (const auto* const path :
       {"/files/token", "/files/rescue", "/files/../admin.token", "/files/%2e%2e/admin.token"}) {
    const auto code = curl({"--path-as-is", "--output", "/dev/null", "--write-out", "%{http_code}", url() + path});
    EXPECT_TRUE(code == "404" || code == "400") << path << code;
  }
}

TEST_F(FilesOfNetbootd, AreAnsweredAsTheApiIsDescribed) {
  std::filesystem::create_directories(in_folder("www"));
  write_file_atomically(in_folder("www/vmlinuz"), "0123456789", 0644);
  restart_with("{path: '" + in_folder("www") + "'}");
  const auto asked = [this](const std::string& name, const std::string& value) {
    return ask("GET", "/files/vmlinuz", "", {}, {{name, value}});
  };
  const auto whole = ask("GET", "/files/vmlinuz");
  EXPECT_EQ(whole.body, "0123456789");
  EXPECT_EQ(whole.content_type, "application/octet-stream");
  const auto part = asked("Range", "bytes=2-4");
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(asked("Range", "bytes=99-").status, 416U);
  EXPECT_EQ(asked("If-None-Match", "*").status, 304U);
  EXPECT_EQ(asked("If-Match", "\"another\"").status, 412U);
}

TEST_F(FilesOfNetbootd, AreSomewhereElse) {
  restart_with("{redirect: 'http://192.0.2.10/rescue/'}");
  EXPECT_EQ(ask("GET", "/files/vmlinuz").status, 302U);
  EXPECT_EQ(curl({"--output", "/dev/null", "--write-out", "%{http_code} %{redirect_url}", url() + "/files/a%20b/c"}),
            "302 http://192.0.2.10/rescue/a%20b/c");
}

TEST_F(FilesOfNetbootd, AreNotThereUntilSomebodySaysWhere) { EXPECT_EQ(ask("GET", "/files/vmlinuz").status, 404U); }

}  // namespace
}  // namespace rescue::netboot
