// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "daemon_under_test.hpp"
#include "tests/unit/http/raw_peer.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace rescue::netboot {
namespace {

class EventsApi : public DaemonUnderTest {
protected:
  void SetUp() override {
    DaemonUnderTest::SetUp();
    add("web-01", "52:54:00:00:00:01");
    record();
    first_ = follow("?after=0")->read_until(R"("added")");  // keeps it apart: simultaneous changes are one event
  }
  /// Makes events of all changes now: a stream that is opened meanwhile would end at once.
  void record() const { EXPECT_EQ(as_admin("GET", "/v1/events?after=0&follow=false").status, 200U); }
  void add(const std::string& name, const std::string& mac) const {
    const auto added = as_admin("POST", "/v1/servers", R"({"name":")" + name + R"(","macs":[")" + mac + R"("]})");
    ASSERT_EQ(added.status, 201U) << added.body;
  }
  void set_mode(const std::string& mode) const {
    const auto set = as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode":")" + mode + R"("})");
    ASSERT_EQ(set.status, 200U) << set.body;
  }
  [[nodiscard]] std::unique_ptr<http::RawPeer> follow(const std::string& query, const std::string& header = {}) const {
    auto peer = std::make_unique<http::RawPeer>(static_cast<std::uint16_t>(port()));
    const auto token = read_secret_file(token_file());
    peer->send("GET /v1/events" + query + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
               std::string(token.reveal()) + "\r\n" + header + "\r\n");
    return peer;
  }

  std::string first_;
};

TEST_F(EventsApi, SendsEventsAsTheyCome) {
  const auto peer = follow("");
  const auto head = peer->read_until("id: ");
  EXPECT_NE(head.find("200 OK"), std::string::npos);
  EXPECT_NE(head.find("Content-Type: text/event-stream"), std::string::npos) << head;
  set_mode("rescue-windows");
  const auto event = peer->read_until("\n\n") + peer->read_until("\n\n");
  EXPECT_NE(event.find("event: server\n"), std::string::npos) << event;
  EXPECT_NE(event.find(R"("boot_mode":"rescue-windows")"), std::string::npos) << event;
}

TEST_F(EventsApi, GoesOnAfterARestartWhereTheClientStopped) {
  const auto place = first_.rfind("id: ") + 4;
  const auto id = first_.substr(place, first_.find('\n', place) - place);
  set_mode("rescue-windows");
  EXPECT_EQ(stop(), 0);
  start();
  record();
  const auto resumed = follow("", "Last-Event-ID: " + id + "\r\n")->read_until("rescue-windows");
  EXPECT_EQ(resumed.find("added"), std::string::npos) << resumed;
  EXPECT_EQ(resumed.find("reset"), std::string::npos) << resumed;
}

TEST_F(EventsApi, TellsAClientThatCanNotGoOnToReadEverythingAgain) {
  EXPECT_NO_THROW((void)follow("", "Last-Event-ID: 99999\r\n")->read_until("event: reset"));
  EXPECT_EQ(as_admin("GET", "/v1/events?after=x").status, 400U);
  EXPECT_EQ(as_admin("GET", "/v1/events?kind=tasks").status, 400U);
  EXPECT_EQ(as_admin("GET", "/v1/events?sever=web-01").status, 400U);
  EXPECT_EQ(ask("GET", "/v1/events").status, 401U);
}

TEST_F(EventsApi, ShowsABoundTokenItsOwnServers) {
  add("db-01", "52:54:00:00:00:02");
  const auto made = as_admin("POST", "/v1/tokens", R"({"name":"ci","role":"read-only","servers":["db-01"]})");
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto token = nlohmann::json::parse(made.body)["token"].get<std::string>();
  const auto seen = ask("GET", "/v1/events?after=0&follow=false", {}, Secret(std::string_view(token)));
  ASSERT_EQ(seen.status, 200U) << seen.body;
  EXPECT_NE(seen.body.find("db-01"), std::string::npos);
  EXPECT_EQ(seen.body.find("web-01"), std::string::npos);
  EXPECT_EQ(ask("GET", "/v1/events?server=web-01", {}, Secret(std::string_view(token))).status, 404U);
}

TEST_F(EventsApi, EndsStreamsInOrderWhenItStops) {
  const auto peer = follow("");
  (void)peer->read_until("id: ");
  EXPECT_EQ(stop(), 0);
  EXPECT_TRUE(peer->read_to_end().ends_with("0\r\n\r\n"));
}

TEST_F(EventsApi, KeepsManyStreamsWithoutAThreadEach) {
  configure_listen("port: 0, connections_per_address: 0");  // all come from this machine
  start();
  std::vector<std::unique_ptr<http::RawPeer>> peers;
  constexpr int many = 300;
  for (int i = 0; i < many; ++i) {
    peers.push_back(follow("?kind=server"));
    (void)peers.back()->read_until("id: ");
  }
  EXPECT_LT(threads_of_daemon(), 40);
  set_mode("rescue-windows");
  for (const auto& peer : peers) EXPECT_NO_THROW((void)peer->read_until("rescue-windows"));
}

TEST_F(EventsApi, AreShownByNetbootctl) {
  set_mode("rescue-windows");
  const auto shown = netbootctl({"events", "--server", "web-01"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_NE(shown.out.find("web-01  server  added, disk\n"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("changed, rescue-windows\n"), std::string::npos) << shown.out;
  EXPECT_EQ(netbootctl({"events", "--server", "db-01"}).out, "");
  const auto as_json = netbootctl({"--json", "events", "--kind", "server"}).out;
  EXPECT_EQ(nlohmann::json::parse(as_json.substr(0, as_json.find('\n')))["data"]["change"], "added");
}

}  // namespace
}  // namespace rescue::netboot
