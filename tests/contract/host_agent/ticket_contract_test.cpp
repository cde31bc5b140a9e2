// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// A helpdesk's ticket, from netbootctl through a running netbootd to rescued's real host agent.
#include "core/base64.hpp"
#include "core/log.hpp"
#include "core/sealed_box.hpp"
#include "host_agent_and_netbootd.hpp"

#include <algorithm>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class TicketOfARescue : public HostAgentAndNetbootd {
protected:
  [[nodiscard]] json shown() const { return json::parse(as_admin("GET", "/v1/servers/web-01/tickets").body)["ticket"]; }
};

TEST_F(TicketOfARescue, IsOpenedWithANumberThatOnlyThePanelReads) {
  log::set_up("rescued", log::Level::debug);
  ::testing::internal::CaptureStderr();  // of this process and of netbootd
  restart_with("  heartbeat_interval: 100ms\n", "log: {level: debug}\n");
  serve({"--generate-key", key()});
  EXPECT_EQ(shown(), json());
  const auto opened =
      netbootctl({"ticket", "open", "web-01", "--view", "--no-message", "--port", "21300", "--key", key(), "--json"});
  ASSERT_EQ(opened.status, 0) << opened.err;
  const auto answer = json::parse(opened.out);
  EXPECT_EQ(answer["number"], FakeTicketDesk::ticket);
  EXPECT_EQ(answer["viewer"], "rescue-viewer --ticket=1234-5678-9012-3450 --ipaddress=203.0.113.10 --port=21300");
  EXPECT_EQ(desk_.last_order.role, domain::TicketRole::view);
  EXPECT_FALSE(desk_.last_order.ask_customer);
  EXPECT_EQ(desk_.last_order.port, 21300);
  EXPECT_EQ(shown()["role"], "view");
  EXPECT_EQ(shown()["ask_customer"], false);
  EXPECT_EQ(shown()["addresses"], json::array({"203.0.113.10"}));
  EXPECT_FALSE(rescue().contains("ticket")) << "it has a resource of its own";

  EXPECT_EQ(stop(), 0);
  auto all = ::testing::internal::GetCapturedStderr() + world_.journal.content.value_or("");
  for (const auto* const name : {"db.sqlite", "db.sqlite-wal"}) {
    all += read_file_if_exists(in_folder(name)).value_or("");
  }
  const auto has = [&all](const std::string& text) { return all.find(text) != std::string::npos; };
  EXPECT_TRUE(has("a ticket for the console of web-01")) << "netbootd's log is there";
  EXPECT_TRUE(has("the control plane commands a ticket")) << "and rescued's";
  EXPECT_TRUE(has("203.0.113.10")) << "and the database";
  std::string digits(FakeTicketDesk::ticket);
  EXPECT_FALSE(has(digits));
  digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
  EXPECT_FALSE(has(digits));
}

TEST_F(TicketOfARescue, ShowsWhoAsksAndEnds) {
  serve({"--generate-key", key()});
  const auto opened = netbootctl({"ticket", "open", "web-01", "--wait"});
  ASSERT_EQ(opened.status, 0) << opened.err;
  EXPECT_THAT(opened.out, Not(HasSubstr(FakeTicketDesk::ticket))) << "no key was given";
  EXPECT_TRUE(desk_.last_order.ask_customer);
  EXPECT_EQ(netbootctl({"ticket", "open", "web-01"}).status, 1) << "one is open";
  desk_.knock(7, "198.51.100.9");
  wait([this](const auto&) { return shown()["asking"].is_object(); });
  const auto listed = netbootctl({"ticket", "show", "web-01", "--key", key()});
  EXPECT_THAT(listed.out, HasSubstr("anna from 198.51.100.9, until "));
  EXPECT_THAT(listed.out, HasSubstr(FakeTicketDesk::ticket));
  const auto ended = netbootctl({"ticket", "end", "web-01", "--wait"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(desk_.view().closed_because, "ended by the control plane");
  const auto after = netbootctl({"ticket", "show", "web-01"});
  EXPECT_THAT(after.out, HasSubstr("ended: ended by the control plane"));
  const auto late = netbootctl({"ticket", "show", "web-01", "--key", key()});
  EXPECT_EQ(late.status, 1);
  EXPECT_THAT(late.err, HasSubstr("no ticket of web-01 is open"));
}

TEST_F(TicketOfARescue, FailsWithTheReasonOfTheHost) {
  serve({"--generate-key", key()});
  const auto failed = netbootctl({"ticket", "open", "web-01", "--port", "3389", "--wait"});
  EXPECT_NE(failed.status, 0);
  EXPECT_THAT(failed.err, HasSubstr("port 3389 belongs to the guest"));
  EXPECT_THAT(failed.err, HasSubstr("21248 to 21503"));
}

TEST_F(TicketOfARescue, NeedsTheKeyOfItsRequest) {
  serve({"--generate-key", key()});
  ASSERT_EQ(netbootctl({"keygen", in_folder("other.key")}).status, 0);
  const auto refused = netbootctl({"ticket", "open", "web-01", "--key", in_folder("other.key")});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("is not the secret key"));
  EXPECT_EQ(desk_.openings, 0) << "nothing was opened";
}

TEST_F(TicketOfARescue, IsNotOpenedWhereNobodyCouldReadItsNumber) {
  request_rescue(json::object());
  boot_into_rescue();
  start_rescued();
  wait([this](const auto&) { return rescue()["phase"] == "serving"; });
  const auto refused = netbootctl({"ticket", "open", "web-01"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("rescuectl ticket open"));
}

/// A host that seals what it likes.
class TicketOfAHostileHost : public netboot::ServerThatBoots {
protected:
  void SetUp() override {
    ServerThatBoots::SetUp();
    ASSERT_EQ(netbootctl({"rescue", "start", "web-01", "--power", "none", "--generate-key", key()}).status, 0);
    ASSERT_THAT(boot(), HasSubstr("rescue-boot.cpio"));
    ASSERT_EQ(redeem(unpacked(second_initrd().body).at("boot_token")).status, 201U);
    public_key_ = bytes_of_base64(read_file(key() + ".pub").substr(0, 44)).value();
  }
  [[nodiscard]] std::string key() const { return in_folder("web-01.key"); }
  /// Reports an open ticket with this in its box; returns what netbootctl makes of it.
  [[nodiscard]] Completed shown(const json& content) const {
    const auto text = content.dump();
    (void)heartbeat({{"phase", "serving"},
                     {"ticket",
                      {{"open", true},
                       {"port", 21300},
                       {"role", "control"},
                       {"ask_customer", true},
                       {"sealed", base64_of(seal(Secret(text), public_key_))}}}});
    return netbootctl({"ticket", "show", "web-01", "--key", key()});
  }
  [[nodiscard]] static json honest() {
    return {{"ticket", FakeTicketDesk::ticket}, {"addresses", {"203.0.113.10"}}, {"port", 21300}};
  }

  std::string public_key_;
};

TEST_F(TicketOfAHostileHost, BecomesNoCommandLine) {
  EXPECT_THAT(shown(honest()).out, HasSubstr("rescue-viewer --ticket="));
  std::vector<json> foreign{json::array(), json("text")};
  for (const auto& wrong : {json{{"ticket", "1234-5678-9012-3451"}}, json{{"ticket", "1; reboot"}}, json{{"ticket", 7}},
                            json{{"addresses", json::array()}}, json{{"addresses", {"203.0.113.10 --x"}}},
                            json{{"addresses", "::1"}}, json{{"addresses", {7}}}, json{{"port", 0}},
                            json{{"port", 65536}}, json{{"port", "21300"}}, json{{"port", -1}}}) {
    foreign.push_back(honest());
    foreign.back().update(wrong);
  }
  for (const auto& content : foreign) {
    const auto refused = shown(content);
    EXPECT_EQ(refused.status, 1) << content;
    EXPECT_EQ(refused.out, "") << content;
    EXPECT_THAT(refused.err, HasSubstr("something else than a ticket")) << content;
  }
}

}  // namespace
}  // namespace rescue::tests
