// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// FreeRDP's client library reads the files and arguments that are made for customers.

#include "credentials/connection_files.hpp"
#include "tests/integration/access/freerdp_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rescue::tests {
namespace {

using credentials::ConnectionDetails;
using net::operator""_ip;

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

class FreeRdp : public testing::Test {
protected:
  void SetUp() override {
    if (!has_freerdp()) GTEST_SKIP() << "the tests were built without FreeRDP's client library (freerdp2-dev)";
  }
};
using RdpFile = FreeRdp;
using InvitationXml = FreeRdp;

TEST_F(RdpFile, SharesTheClipboardAndNothingElse) {
  const auto read = read_rdp_file(rdp_file(details(), v4));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->host, "203.0.113.7");
  EXPECT_EQ(read->port, 3389U);
  EXPECT_EQ(read->user, "Administrator");
  EXPECT_TRUE(read->clipboard);
  EXPECT_TRUE(read->nla);
  EXPECT_FALSE(read->drives || read->printers || read->smart_cards || read->serial_ports);
  EXPECT_FALSE(read->plays_audio || read->records_audio);
  EXPECT_EQ(read->password, "");
}

TEST_F(RdpFile, HasTheAddressThatIsAskedForAndItsPort) {
  auto other = details();
  other.rdp_port = 3390;
  const auto read = read_rdp_file(rdp_file(other, v6));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->host, "[2001:db8::7]");
  EXPECT_EQ(read->port, 3390U);
}

TEST_F(RdpFile, KeepsEveryUserAndAddsNoSetting) {
  for (const auto& user : hostile_users) {
    auto other = details();
    other.user = user;
    const auto read = read_rdp_file(rdp_file(other, v4));
    ASSERT_TRUE(read) << user;
    EXPECT_EQ(read->user, user);
    EXPECT_EQ(read->host, "203.0.113.7") << user;
  }
}

TEST_F(FreeRdp, PinsTheCertificateByItsArguments) {
  for (const auto& user : hostile_users) {
    auto other = details();
    other.user = user;
    other.rdp_port = 3390;
    const auto read = read_rdp_arguments(freerdp_arguments(other, v6));
    ASSERT_TRUE(read) << user;
    EXPECT_EQ(read->host, "2001:db8::7");
    EXPECT_EQ(read->port, 3390U);
    EXPECT_EQ(read->user, user);
    EXPECT_EQ(read->accepted_fingerprints, "sha256:" + certificate());
    EXPECT_TRUE(read->denies_other_certificates);
    EXPECT_TRUE(read->clipboard);
    EXPECT_FALSE(read->drives);
  }
  auto unknown = details();
  unknown.rdp_certificate.clear();
  const auto read = read_rdp_arguments(freerdp_arguments(unknown, v4));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->accepted_fingerprints, "");
  EXPECT_FALSE(read->denies_other_certificates) << "the client asks";
}

TEST_F(InvitationXml, IsReadByFreeRdp) {
  const auto read = read_invitation(invitation_xml(details()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->ticket, "123-456-789");
  EXPECT_EQ(read->address, "203.0.113.7");
  EXPECT_EQ(read->port, 50001U);
  EXPECT_EQ(read->addresses, 2U);
}

}  // namespace
}  // namespace rescue::tests
