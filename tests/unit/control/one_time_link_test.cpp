// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/sealed_box.hpp"
#include "orchestrator/control/one_time_link.hpp"
#include "tests/doubles/thrown.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rescue::tests {
namespace {

using nlohmann::json;

const domain::ConnectionData connection_of_guest{"203.0.113.7",
                                                 "Administrator",
                                                 "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                                 "ssh-ed25519",
                                                 "00:11",
                                                 domain::RdpProof::handshake_only,
                                                 {}};

ports::Recipients asked(const std::string& code) {
  ports::Recipients recipients{"web-01", "s-1"};
  recipients.link = domain::LinkRequest{"https://rescue.example", code, true};
  return recipients;
}

json text_for(const domain::ConnectionData& connection) {
  const auto text =
      control::text_for_customer(connection, Secret(std::string_view("geheim")), asked("none"), WallTime{});
  return json::parse(text.reveal());
}

TEST(TextForCustomer, HasAllThatAPageShows) {
  const auto text = text_for(connection_of_guest);
  EXPECT_EQ(text.at("format"), 1);
  EXPECT_EQ(text.at("server"), "web-01");
  EXPECT_EQ(text.at("session"), "s-1");
  EXPECT_EQ(text.at("made_at"), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(text.at("user"), "Administrator");
  EXPECT_EQ(text.at("password"), "geheim");
  EXPECT_EQ(text.at("addresses"), json::array({"203.0.113.7"}));
  EXPECT_EQ(text.at("rdp"), (json{{"port", 3389}, {"certificate", "00:11"}, {"proof", "handshake-only"}}));
  const auto& ssh = text.at("ssh");
  EXPECT_EQ(ssh.at("port"), 22);
  EXPECT_EQ(ssh.at("host_keys").at(0).at("fingerprint"), connection_of_guest.ssh_host_key);
  EXPECT_NE(ssh.at("command").get<std::string>().find("203.0.113.7"), std::string::npos);
}

TEST(TextForCustomer, ReachesTheCustomerWhateverTheGuestsServersSay) {
  auto connection = connection_of_guest;
  connection.ssh_host_key = "SHA256:<script>";
  connection.ssh_host_key_type = "not a type\n";
  connection.ssh_host_key_blob = "\xff\xfe";
  const auto text = text_for(connection);
  EXPECT_EQ(text.at("password"), "geheim");
  EXPECT_EQ(text.at("ssh").at("host_keys"), json::array());
  EXPECT_EQ(text.at("ssh").at("known_hosts"), "");
}

TEST(OneTimeLinkOfASession, IsAnotherOneEachTime) {
  const Secret text(std::string_view("text"));
  const auto first = control::make_link(text, asked("none"));
  const auto second = control::make_link(text, asked("none"));
  EXPECT_NE(first.name, second.name);
  EXPECT_NE(first.key->reveal(), second.key->reveal());
  EXPECT_FALSE(credentials::open(first.sealed, first.name, *second.key));
  EXPECT_EQ(credentials::open(first.sealed, first.name, *first.key)->reveal(), "text");
}

TEST(OneTimeLinkOfASession, NeedsSomebodyForItsCode) {
  const Secret text(std::string_view("text"));
  EXPECT_EQ(error_of([&] { (void)control::make_link(text, asked("panel")); }).code(), ErrorCode::precondition);
  EXPECT_EQ(error_of([&] { (void)control::make_link(text, asked("sms")); }).code(), ErrorCode::precondition);
  auto wrong = asked("panel");
  wrong.public_key = "not base64!";
  EXPECT_EQ(error_of([&] { (void)control::make_link(text, wrong); }).code(), ErrorCode::usage);
}

}  // namespace
}  // namespace rescue::tests
