// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "daemon_under_test.hpp"

#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace rescue::netboot {
namespace {

class Netbootctl : public DaemonUnderTest {
protected:
  void SetUp() override {
    DaemonUnderTest::SetUp();
    const auto added = netbootctl({"server", "add", "web-01", "--mac", "52-54-00-12-34-56", "--mac", "5254.0012.3457",
                                   "--firmware", "uefi", "--address", "203.0.113.7", "--loader", R"(\EFI\x.efi)"});
    ASSERT_EQ(added.status, 0) << added.err;
  }
};

TEST_F(Netbootctl, ShowsServersAsATableAndAsJson) {
  EXPECT_EQ(netbootctl({"server", "list"}).out,
            "NAME    BOOT MODE  FIRMWARE  ADDRESS      MAC ADDRESSES                        TAGS\n"
            "web-01  disk       uefi      203.0.113.7  52:54:00:12:34:56,52:54:00:12:34:57  -\n");
  const auto listed = nlohmann::json::parse(netbootctl({"server", "list", "--json"}).out);
  EXPECT_EQ(listed["servers"][0]["name"], "web-01");
  const auto shown = nlohmann::json::parse(netbootctl({"--json", "server", "show", "web-01"}).out);
  EXPECT_EQ(shown["loader"], R"(\EFI\x.efi)");
  EXPECT_NE(netbootctl({"server", "show", "web-01"}).out.find("MAC addresses:  52:54:00:12:34:56"), std::string::npos);
}

TEST_F(Netbootctl, EditsAServerAndFindsItAgain) {
  ASSERT_EQ(netbootctl({"server", "add", "web-02", "--mac", "525400000002"}).status, 0);
  const auto edited = netbootctl({"server", "edit", "web-01", "--serial", "B5VFS12", "--tag", "rack-12", "--notes",
                                  "slow fan", "--clear", "loader"});
  ASSERT_EQ(edited.status, 0) << edited.err;
  EXPECT_NE(edited.out.find("serial number:  B5VFS12"), std::string::npos) << edited.out;
  EXPECT_EQ(edited.out.find("loader"), std::string::npos) << edited.out;
  for (const std::vector<std::string>& by : {std::vector<std::string>{"--tag", "rack-12"},
                                             {"--search", "b5vfs"},
                                             {"--search", "1234.57"},
                                             {"--limit", "1"}}) {
    std::vector<std::string> command{"server", "list", "--json"};
    command.insert(command.end(), by.begin(), by.end());
    const auto listed = nlohmann::json::parse(netbootctl(command).out)["servers"];
    ASSERT_EQ(listed.size(), 1U) << by.front();
    EXPECT_EQ(listed[0]["name"], "web-01");
  }
  EXPECT_EQ(nlohmann::json::parse(netbootctl({"server", "list", "--json"}).out)["servers"].size(), 2U);
  EXPECT_EQ(netbootctl({"server", "edit", "web-01"}).status, 2) << "nothing was given";
}

TEST_F(Netbootctl, SetsAndShowsTheBootMode) {
  const auto set = netbootctl({"boot-mode", "set", "web-01", "rescue-windows", "--policy", "until-finished", "--ttl",
                               "4h", "--reason", "locked out"});
  EXPECT_EQ(set.status, 0) << set.err;
  EXPECT_NE(set.out.find("boot mode:     rescue-windows"), std::string::npos) << set.out;
  EXPECT_NE(set.out.find("reason:        locked out"), std::string::npos) << set.out;
  const auto shown = nlohmann::json::parse(netbootctl({"boot-mode", "show", "web-01", "--json"}).out);
  EXPECT_EQ(shown["lease"]["policy"], "until-finished");
  EXPECT_EQ(netbootctl({"boot-mode", "set", "web-01", "disk"}).out, "server:     web-01\nboot mode:  disk\n");
}

TEST_F(Netbootctl, ListsWhatServersCanBeSetToBoot) {
  EXPECT_EQ(netbootctl({"boot-modes"}).out,
            "NAME            AVAILABLE  DESCRIPTION\n"
            "disk            yes        The server's own system\n"
            "rescue-windows  yes        A rescue VM with the server's disks\n"
            "rescue-linux    yes        The rescue system alone, for a person at its shell\n");
  const auto listed = nlohmann::json::parse(netbootctl({"boot-modes", "--json"}).out)["boot_modes"];
  ASSERT_EQ(listed.size(), 3U);
  EXPECT_EQ(listed[2]["name"], "rescue-linux");
  EXPECT_NE(netbootctl({"boot-mode", "set", "web-01", "rescue-linux"}).out.find("boot mode:     rescue-linux"),
            std::string::npos);
  const auto refused = netbootctl({"boot-mode", "set", "web-01", "rescue-linus"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("is not one of disk, rescue-windows, rescue-linux"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("Did you mean 'rescue-linux'?"), std::string::npos) << refused.err;
}

TEST_F(Netbootctl, WritesAnAgentTokenToAFileOnly) {
  ASSERT_EQ(netbootctl({"server", "edit", "web-01", "--address", "127.0.0.1"}).status, 0) << "where it is taken from";
  const auto file = in_folder("agent.token");
  const auto issued = netbootctl({"server", "agent-token", "web-01", "--output", file});
  ASSERT_EQ(issued.status, 0) << issued.err;
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  const auto token = read_secret_file(file);
  EXPECT_EQ((issued.out + issued.err).find(token.reveal()), std::string::npos);
  EXPECT_EQ(netbootctl({"boot-mode", "set", "web-01", "disk"}, file).status, 0);
  const auto refused = netbootctl({"server", "list"}, file);
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_TRUE(refused.err.starts_with("error: the agent of web-01 may not do this\n hint: ")) << refused.err;
  EXPECT_EQ(netbootctl({"server", "revoke-agent", "web-01"}).out, "revoked all tokens of web-01\n");
  EXPECT_EQ(netbootctl({"boot-mode", "set", "web-01", "disk"}, file).status, 1);
}

TEST_F(Netbootctl, MakesListsAndRevokesTokens) {
  const auto file = in_folder("operator.token");
  const auto made = netbootctl(
      {"token", "create", "ops", "--role", "operator", "--server", "web-01", "--days", "30", "--output", file});
  ASSERT_EQ(made.status, 0) << made.err;
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ((made.out + made.err).find(read_secret_file(file).reveal()), std::string::npos);
  EXPECT_EQ(netbootctl({"server", "list"}, file).status, 0);
  EXPECT_EQ(netbootctl({"token", "list"}, file).status, 1) << "an operator's";
  const auto listed = netbootctl({"token", "list"});
  EXPECT_NE(listed.out.find("ops    operator  active  web-01"), std::string::npos) << listed.out;
  EXPECT_EQ(netbootctl({"token", "create", "ops", "--role", "operator", "--output", in_folder("b")}).status, 1);
  EXPECT_FALSE(std::filesystem::exists(in_folder("b"))) << "nothing is left of a token that was refused";
  EXPECT_EQ(netbootctl({"token", "revoke", "ops"}).out, "revoked k-2\n");
  const auto refused = netbootctl({"server", "list"}, file);
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(refused.err.starts_with("error: the token was revoked at ")) << refused.err;
}

TEST_F(Netbootctl, ShowsWhoChangedWhat) {
  EXPECT_EQ(netbootctl({"boot-mode", "set", "web-01", "disk"}).status, 0);
  EXPECT_EQ(netbootctl({"server", "remove", "no-such"}).status, 1);
  const auto shown = netbootctl({"audit"});
  ASSERT_EQ(shown.status, 0) << shown.err;
  EXPECT_TRUE(shown.out.starts_with("TIME ")) << shown.out;
  EXPECT_NE(shown.out.find("failed: not-found"), std::string::npos) << shown.out;
  EXPECT_EQ(std::count(shown.out.begin(), shown.out.end(), '\n'), 4) << "a heading, and the server that was added";
  const auto lines = netbootctl({"audit", "--json", "--server", "web-01", "--last", "1"}).out;
  const auto entry = nlohmann::json::parse(lines);
  EXPECT_EQ(entry["route"], "/v1/servers/{name}/boot-mode");
  EXPECT_EQ(entry["who"], "admin");
}

TEST_F(Netbootctl, NamesTheRequestOfAnError) {
  const auto refused = netbootctl({"server", "show", "no-such"});
  EXPECT_NE(refused.err.find("Request: "), std::string::npos) << refused.err;
}

TEST_F(Netbootctl, RemovesAServer) {
  EXPECT_EQ(netbootctl({"server", "remove", "web-01"}).out, "removed web-01\n");
  const auto again = netbootctl({"server", "remove", "web-01"});
  EXPECT_EQ(again.status, 1);
  EXPECT_TRUE(again.err.starts_with("error: there is no server 'web-01'")) << again.err;
}

TEST_F(Netbootctl, EndsWithTheExitCodeOfTheError) {
  EXPECT_EQ(netbootctl({}).status, 2);
  EXPECT_EQ(netbootctl({"server", "add", "web-02"}).status, 2) << "--mac is missing";
  EXPECT_EQ(netbootctl({"server", "add", "Web", "--mac", "525400000001"}).status, 2);
  EXPECT_EQ(netbootctl({"boot-mode", "set", "web-01", "resue-windows"}).status, 2);
  EXPECT_EQ(netbootctl({"--url", "http://127.0.0.1:1", "server", "list"}).status, 1);
  EXPECT_EQ(netbootctl({"--url", "nonsense://", "server", "list"}).status, 3);
}

TEST_F(Netbootctl, RefusesATokenFileThatOthersMayRead) {
  const auto file = in_folder("open.token");
  write_file_atomically(file, "rescue_x", 0644);
  const auto refused = netbootctl({"server", "list"}, file);
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find(file), std::string::npos) << refused.err;
}

TEST_F(Netbootctl, ExplainsEachCommandWithAnExample) {
  const std::vector<std::vector<std::string>> commands{{},
                                                       {"server"},
                                                       {"server", "add"},
                                                       {"server", "edit"},
                                                       {"server", "list"},
                                                       {"server", "show"},
                                                       {"boot-modes"},
                                                       {"boot-mode"},
                                                       {"server", "remove"},
                                                       {"server", "agent-token"},
                                                       {"server", "revoke-agent"},
                                                       {"boot-mode", "show"},
                                                       {"boot-mode", "set"},
                                                       {"server", "bmc"},
                                                       {"server", "bmc-check"},
                                                       {"power", "boot-device"},
                                                       {"rescue"},
                                                       {"rescue", "start"},
                                                       {"rescue", "show"},
                                                       {"rescue", "finish"},
                                                       {"rescue", "credentials"},
                                                       {"rescue", "code"},
                                                       {"rescue", "reissue"},
                                                       {"task"},
                                                       {"task", "show"},
                                                       {"task", "list"},
                                                       {"power"},
                                                       {"power", "show"},
                                                       {"power", "set"},
                                                       {"token"},
                                                       {"token", "create"},
                                                       {"token", "list"},
                                                       {"token", "revoke"},
                                                       {"secret"},
                                                       {"secret", "list"},
                                                       {"secret", "show"},
                                                       {"secret", "revoke"},
                                                       {"ticket"},
                                                       {"ticket", "open"},
                                                       {"ticket", "show"},
                                                       {"ticket", "end"},
                                                       {"audit"},
                                                       {"keygen"}};
  for (auto command : commands) {
    command.emplace_back("--help");
    const auto help = netbootctl(command);
    EXPECT_EQ(help.status, 0);
    EXPECT_NE(help.out.find("Example:\n  netbootctl "), std::string::npos) << help.out;
  }
}

}  // namespace
}  // namespace rescue::netboot
