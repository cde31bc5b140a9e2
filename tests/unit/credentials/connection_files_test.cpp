// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/subprocess.hpp"
#include "credentials/connection_files.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <sstream>

namespace rescue::tests {
namespace {

using credentials::ConnectionDetails;
using credentials::HostKey;
using net::operator""_ip;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const auto v4 = "203.0.113.7"_ip;
const auto v6 = "2001:db8::7"_ip;

std::string certificate() {
  std::string text = "09";
  for (int pair = 1; pair < 32; ++pair) text += ":af";
  return text;
}

ConnectionDetails details() {
  ConnectionDetails details;
  details.server = "web-01";
  details.addresses = {{v4, 50001}, {v6, 50002}};
  details.user = "Administrator";
  details.rdp_certificate = certificate();
  details.session = "s-1";
  details.ticket = "123-456-789";
  return details;
}

std::string output_of(std::vector<std::string> argv, std::string input = {}) {
  Command command;
  command.argv = std::move(argv);
  command.input = std::move(input);
  return run_checked(command).out;
}

bool is_installed(const char* program) { return ::access(program, X_OK) == 0; }

/// A key of OpenSSH, without its fingerprint.
HostKey new_key(const ScratchFolder& folder, const std::string& type) {
  const auto file = folder.file(type);
  output_of({"ssh-keygen", "-q", "-t", type, "-N", "", "-f", file});
  std::istringstream line(output_of({"cat", file + ".pub"}));
  HostKey key;
  line >> key.type >> key.blob;
  return key;
}

/// Arguments that a shell makes of a line.
std::vector<std::string> split_by_shell(const std::string& line) {
  const auto out = output_of({"sh", "-c", "printf '%s\\0' " + line});
  std::vector<std::string> words;
  for (std::size_t at = 0; at < out.size();) {
    const auto end = out.find('\0', at);
    words.push_back(out.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// Value of one keyword in what `ssh -G` prints.
std::string ssh_value(const std::vector<std::string>& arguments, const std::string& keyword) {
  auto argv = arguments;
  argv.insert(argv.begin() + 1, {"-G", "-F", "none"});
  std::istringstream lines(output_of(argv));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(keyword + " ")) return line.substr(keyword.size() + 1);
  }
  return "(none)";
}

const std::vector<std::string> hostile_users = {"O'Brien",
                                                "a\"b",
                                                "$(touch pwned)",
                                                "`id`",
                                                "a;b|c&d",
                                                "100%",
                                                "%h%d",
                                                "-oProxyCommand=x",
                                                "<b>&amp;</b>",
                                                "full address:s:evil",
                                                "J\xc3\xbcrgen",
                                                "\xf0\x9f\x92\xbe",
                                                "a b",
                                                "*?[x]",
                                                "~root",
                                                "!!",
                                                "#x"};

TEST(RdpFile, IsAsciiWhereThatSuffices) {
  const auto text = rdp_file(details(), v4);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c > 0; }));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::count(text.begin(), text.end(), '\r'));
  EXPECT_TRUE(text.ends_with("\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nauthentication level:i:2\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("password")));
  auto other = details();
  other.user = "J\xc3\xbcrgen";
  const auto wide = rdp_file(other, v4);
  EXPECT_TRUE(wide.starts_with("\xFF\xFE"));
  EXPECT_EQ(wide.size() % 2, 0U);
  EXPECT_EQ(output_of({"iconv", "-f", "UTF-16", "-t", "UTF-8"}, wide).substr(0, 53),
            "full address:s:203.0.113.7:3389\r\nusername:s:J\xc3\xbcrgen\r\n");
}

TEST(RdpFile, IsForAnAddressOfTheServer) {
  EXPECT_THAT(rdp_file(details(), v6), HasSubstr("full address:s:[2001:db8::7]:3389\r\n"));
  EXPECT_EQ(error_of([] { (void)rdp_file(details(), "192.0.2.1"_ip); }).code(), ErrorCode::usage);
}

TEST(FreeRdpArguments, PinTheCertificateIfItIsKnown) {
  auto other = details();
  other.rdp_port = 3390;
  EXPECT_THAT(freerdp_arguments(other, v6),
              ElementsAre("/v:[2001:db8::7]", "/port:3390", "/u:Administrator", "+clipboard", "-drives",
                          "/cert:deny,fingerprint:sha256:" + certificate()));
  other.rdp_certificate.clear();
  EXPECT_EQ(freerdp_arguments(other, v6).size(), 5U);
}

TEST(InvitationXml, HasTheShapeOfDartsFile) {
  auto other = details();
  other.viewer_certificate =
      "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13:14:15:16:17:18:19:1a:1b:1c:1d:1e:1f";
  other.addresses.push_back({"192.0.2.1"_ip, 0});
  EXPECT_EQ(invitation_xml(other),
            "<E><A KH2=\"sha256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\" ID=\"123-456-789\"/><C>"
            "<T ID=\"1\" SID=\"0\"><L P=\"50001\" N=\"203.0.113.7\"/><L P=\"50002\" N=\"2001:db8::7\"/></T></C></E>");
}

TEST(InvitationXml, EscapesAHostileTicket) {
  if (!is_installed("/usr/bin/xmllint")) GTEST_SKIP() << "xmllint is not installed (libxml2-utils)";
  for (const auto& ticket : hostile_users) {
    auto other = details();
    other.ticket = ticket;
    const auto xml = invitation_xml(other);
    EXPECT_EQ(output_of({"xmllint", "--xpath", "string(/E/A/@ID)", "-"}, xml), ticket + "\n");
    EXPECT_EQ(output_of({"xmllint", "--xpath", "count(//*)", "-"}, xml), "6\n") << ticket;
  }
}

TEST(InvitationXml, NeedsATicketAndAPort) {
  auto other = details();
  other.ticket.clear();
  EXPECT_THAT(error_of([&] { (void)invitation_xml(other); }).what(), HasSubstr("no ticket"));
  other = details();
  for (auto& one : other.addresses) one.viewer_port = 0;
  EXPECT_THAT(error_of([&] { (void)invitation_xml(other); }).what(), HasSubstr("port for the ticket"));
}

class OpenSsh : public testing::Test {
protected:
  void SetUp() override {
    if (!is_installed("/usr/bin/ssh-keygen")) GTEST_SKIP() << "ssh-keygen is not installed (openssh-client)";
  }
  ScratchFolder folder_;
};

TEST_F(OpenSsh, FindsTheHostKeysUnderEachAddressAndPort) {
  auto other = details();
  other.host_keys = {new_key(folder_, "ed25519"), new_key(folder_, "ecdsa")};
  for (const std::uint16_t port : {std::uint16_t{22}, std::uint16_t{2222}}) {
    other.ssh_port = port;
    const auto file = folder_.write("known_hosts", known_hosts(other));
    for (const auto* const host : {"203.0.113.7", "2001:db8::7"}) {
      const auto name = port == 22 ? std::string(host) : "[" + std::string(host) + "]:2222";
      const auto found = output_of({"ssh-keygen", "-F", name, "-f", file});
      for (const auto& key : other.host_keys) EXPECT_THAT(found, HasSubstr(key.type + " " + key.blob)) << name;
    }
    Command wrong_port;
    wrong_port.argv = {"ssh-keygen", "-F", port == 22 ? "[203.0.113.7]:2222" : "203.0.113.7", "-f", file};
    EXPECT_EQ(run(wrong_port).status, 1);
  }
}

TEST_F(OpenSsh, PrintsTheSameFingerprints) {
  auto other = details();
  other.host_keys = {new_key(folder_, "ed25519"), new_key(folder_, "rsa")};
  const auto text = fingerprint_text(other);
  const auto json = connection_json(other);
  for (std::size_t index = 0; index < other.host_keys.size(); ++index) {
    const auto& key = other.host_keys[index];
    std::istringstream line(output_of({"ssh-keygen", "-lf", "-"}, key.type + " " + key.blob + "\n"));
    std::string bits, fingerprint;
    line >> bits >> fingerprint;
    EXPECT_THAT(text, HasSubstr(key.type + " " + fingerprint + "\n"));
    EXPECT_EQ(json.at("ssh_host_keys").at(index).at("fingerprint"), fingerprint);
    other.host_keys[index].fingerprint = fingerprint;
  }
  check(other);
  std::swap(other.host_keys[0].fingerprint, other.host_keys[1].fingerprint);
  EXPECT_THAT(error_of([&] { check(other); }).what(), HasSubstr("another key"));
}

TEST_F(OpenSsh, GetsUserAddressAndPortAsTheyAre) {
  for (const auto& user : hostile_users) {
    auto other = details();
    other.user = user;
    other.ssh_port = 2222;
    const auto line = credentials::shell_command(ssh_arguments(other, v6));
    output_of({"sh", "-n", "-c", line});
    const auto arguments = split_by_shell(line);
    EXPECT_EQ(arguments, ssh_arguments(other, v6)) << line;
    EXPECT_EQ(arguments, (std::vector<std::string>{"ssh", "-p", "2222", "-l", user, "2001:db8::7"}));
  }
  // OpenSSH 9.6 refuses names with characters of a shell, whoever has quoted them.
  for (const auto* const user : {"Administrator", "J\xc3\xbcrgen", "100%"}) {
    auto other = details();
    other.user = user;
    other.ssh_port = 2222;
    const auto arguments = split_by_shell(credentials::shell_command(ssh_arguments(other, v6)));
    EXPECT_EQ(ssh_value(arguments, "user"), user);
    EXPECT_EQ(ssh_value(arguments, "hostname"), "2001:db8::7");
    EXPECT_EQ(ssh_value(arguments, "port"), "2222");
  }
}

TEST_F(OpenSsh, ReadsTheKnownHostsFileThatIsNamed) {
  for (const auto* const name : {"known_hosts", "/tmp/my servers/100%_known", "C:/Users/x/known_hosts", "it;s$x"}) {
    const auto arguments = ssh_arguments(details(), v4, name);
    EXPECT_EQ(split_by_shell(credentials::shell_command(arguments)), arguments);
    EXPECT_EQ(ssh_value(arguments, "stricthostkeychecking"), "true");
    EXPECT_EQ(ssh_value(arguments, "userknownhostsfile"), name);
    EXPECT_EQ(ssh_value(arguments, "globalknownhostsfile"), "/dev/null") << "no other file vouches for a key";
  }
  for (const auto* const wrong : {"a\"b", "a'b", "a\\b", "${HOME}/x", "a\nb", "~/x", "~root/x", "none", "None"}) {
    EXPECT_EQ(error_of([&] { (void)ssh_arguments(details(), v4, wrong); }).code(), ErrorCode::usage) << wrong;
  }
}

TEST(SshArguments, NeedNoQuotesInTheUsualCase) {
  EXPECT_EQ(credentials::shell_command(ssh_arguments(details(), v4)), "ssh -l Administrator 203.0.113.7");
}

TEST(ShellCommand, KeepsWordsWhole) {
  const std::vector<std::string> words = {"printf", "", "a'b", "'", "a\nb", "$HOME", "*", "-x", "\\", "\xff"};
  EXPECT_EQ(split_by_shell(credentials::shell_command(words)), words);
  EXPECT_EQ(error_of([] { (void)credentials::shell_command({std::string("a\0b", 3)}); }).code(), ErrorCode::usage);
}

TEST(ConnectionJson, HasAllAndNoPassword) {
  auto other = details();
  other.server = "web-01\r\nusername:s:evil \xff";
  other.host_keys = {{"ssh-ed25519", "", "SHA256:" + std::string(43, 'A')}};
  const auto json = connection_json(other);
  EXPECT_EQ(json.at("server"), "web-01 username:s:evil \\xff");
  EXPECT_EQ(json.at("addresses").at(1).at("address"), "2001:db8::7");
  EXPECT_EQ(json.at("addresses").at(1).at("viewer_port"), 50002);
  EXPECT_THAT(json.at("addresses").at(0).at("ssh").get<std::vector<std::string>>(),
              ElementsAre("ssh", "-l", "Administrator", "203.0.113.7"));
  EXPECT_EQ(json.at("known_hosts"), "") << "a fingerprint makes no line";
  EXPECT_EQ(json.at("ssh_host_keys").at(0).at("fingerprint"), other.host_keys[0].fingerprint);
  EXPECT_EQ(json.at("ticket"), "123-456-789");
  EXPECT_THAT(json.dump(), Not(HasSubstr("password")));
}

TEST(FingerprintText, HasOneLineForTheNameOfTheServer) {
  auto other = details();
  other.server = "web-01\nUser     evil";
  EXPECT_THAT(fingerprint_text(other),
              HasSubstr("Server   web-01 User evil\nUser     Administrator\nAddress  203.0.113.7\n"));
  EXPECT_THAT(fingerprint_text(other), HasSubstr("\n  " + certificate() + "\n"));
}

TEST(ConnectionDetails, AreRefusedWhereAFileWouldMeanSomethingElse) {
  const std::vector<std::pair<const char*, std::function<void(ConnectionDetails&)>>> faults = {
      {"no address", [](auto& d) { d.addresses.clear(); }},
      {"port is 0", [](auto& d) { d.rdp_port = 0; }},
      {"port is 0", [](auto& d) { d.ssh_port = 0; }},
      {"no user", [](auto& d) { d.user.clear(); }},
      {"the user", [](auto& d) { d.user = "a\r\npassword 51:b:00"; }},
      {"the user", [](auto& d) { d.user = "a\nb"; }},
      {"the user", [](auto& d) { d.user = std::string("a\0b", 3); }},
      {"the user", [](auto& d) { d.user = "a\xff"; }},
      {"the user", [](auto& d) { d.user = "a\u202e"; }},
      {"the user", [](auto& d) { d.user = std::string(257, 'a'); }},
      {"the session", [](auto& d) { d.session = "a\tb"; }},
      {"the ticket", [](auto& d) { d.ticket = "a\x1b"; }},
      {"RDP certificate", [](auto& d) { d.rdp_certificate.pop_back(); }},
      {"RDP certificate", [](auto& d) { d.rdp_certificate[0] = 'x'; }},
      {"RDP certificate", [](auto& d) { d.rdp_certificate[2] = 'a'; }},
      {"RDP certificate", [](auto& d) { d.rdp_certificate += ",ignore"; }},
      {"viewer's certificate", [](auto& d) { d.viewer_certificate = "ab"; }},
      {"name of an algorithm",
       [](auto& d) {
         d.host_keys = {{"ssh rsa", "", ""}};
       }},
      {"SHA256:",
       [](auto& d) {
         d.host_keys = {{"ssh-rsa", "", "MD5:00"}};
       }},
      {"key of its type",
       [](auto& d) {
         d.host_keys = {{"ssh-rsa", "AAAA\nevil", ""}};
       }},
      {"key of its type",
       [](auto& d) {
         d.host_keys = {{"ssh-rsa", "AAAABnNzaC1kc3M=", ""}};
       }},
      {"key of its type",
       [](auto& d) {
         d.host_keys = {{"ssh-rsa", "/////3NzaC1yc2E=", ""}};
       }},
  };
  for (const auto& [what, damage] : faults) {
    auto damaged = details();
    check(damaged);
    damage(damaged);
    const auto error = error_of([&] { check(damaged); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_THAT(error.what(), HasSubstr(what));
    EXPECT_EQ(error_of([&] { (void)rdp_file(damaged, v4); }).code(), ErrorCode::usage) << what;
    EXPECT_EQ(error_of([&] { (void)known_hosts(damaged); }).code(), ErrorCode::usage) << what;
    EXPECT_EQ(error_of([&] { (void)ssh_arguments(damaged, v4); }).code(), ErrorCode::usage) << what;
    EXPECT_EQ(error_of([&] { (void)connection_json(damaged); }).code(), ErrorCode::usage) << what;
    EXPECT_EQ(error_of([&] { (void)invitation_xml(damaged); }).code(), ErrorCode::usage) << what;
  }
}

}  // namespace
}  // namespace rescue::tests
