// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "stored.hpp"

#include <future>
#include <vector>

namespace rescue::netboot {
namespace {

using std::chrono::hours;

class StoreTest : public Stored {};

TEST_F(StoreTest, KeepsServersAcrossARestart) {
  Server server{web_,
                {MacAddress::parse("52:54:00:00:00:02"), MacAddress::parse("52:54:00:00:00:01")},
                Firmware::bios,
                "203.0.113.7",
                "",
                clock_.wall()};
  store().add_server(server);
  server.name = ServerName::parse("db-01");
  server.macs = {MacAddress::parse("52:54:00:00:00:03")};
  server.firmware = Firmware::uefi;
  server.address = "203.0.113.8";
  server.loader = R"(\EFI\x.efi)";
  store().add_server(server);
  open();
  const auto servers = store().servers();
  ASSERT_EQ(servers.size(), 2U);
  EXPECT_EQ(servers[0].server.name.text(), "db-01");
  EXPECT_EQ(servers[0].server.loader, R"(\EFI\x.efi)");
  EXPECT_EQ(servers[1].server.firmware, Firmware::bios);
  EXPECT_EQ(servers[1].server.address, "203.0.113.7");
  EXPECT_EQ(servers[1].server.macs.at(0).text(), "52:54:00:00:00:02") << "the order is the caller's";
  EXPECT_EQ(servers[1].server.created, clock_.wall());
  EXPECT_EQ(store().server(web_).server.macs.size(), 2U);
}

TEST_F(StoreTest, RefusesANameOrACardThatIsTaken) {
  store().add_server(server_named("web-01"));
  EXPECT_EQ(code_of([&] { store().add_server(server_named("web-01", "52:54:00:00:00:09")); }), ErrorCode::conflict);
  try {
    store().add_server(server_named("web-02"));
    FAIL() << "one card, two servers";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("web-01"), std::string::npos) << error.what();
  }
  EXPECT_EQ(store().servers().size(), 1U) << "nothing of a refused server stays";
}

TEST_F(StoreTest, SaysThatAServerIsUnknown) {
  EXPECT_EQ(code_of([&] { (void)store().server(web_); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { store().remove_server(web_); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)store().grant_lease(web_, rescue_for(hours(1))); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)store().end_lease(web_, "admin"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)store().issue_agent_token(web_); }), ErrorCode::not_found);
  EXPECT_FALSE(store().boot(MacAddress::parse("52:54:00:00:00:01"), true));
}

TEST_F(StoreTest, ForgetsAServerWithItsCardsAndTokens) {
  store().add_server(server_named("web-01"));
  const auto token = store().issue_agent_token(web_);
  (void)store().grant_lease(web_, rescue_for(hours(1)));
  (void)store().end_lease(web_, "admin");
  store().remove_server(web_);
  EXPECT_FALSE(store().caller_of(token.reveal()));
  store().add_server(server_named("web-02"));
}

TEST_F(StoreTest, KeepsAServerThatIsSetToBootRescue) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(1)));
  EXPECT_EQ(code_of([&] { store().remove_server(web_); }), ErrorCode::conflict);
  clock_.advance(hours(1));
  EXPECT_NO_THROW(store().remove_server(web_));
}

TEST_F(StoreTest, KeepsLeasesAcrossARestart) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(4)));
  EXPECT_EQ(boot(), BootMode::rescue_windows);
  open();
  const auto state = store().server(web_);
  EXPECT_EQ(state.mode, BootMode::rescue_windows);
  ASSERT_TRUE(state.lease);
  EXPECT_EQ(state.lease->boots, 1U);
  EXPECT_EQ(state.lease->last_boot, clock_.wall());
  EXPECT_EQ(state.lease->expires, clock_.wall() + hours(4));
  EXPECT_EQ(state.lease->requested_by, "admin");
  EXPECT_EQ(state.lease->reason, "a test");
  EXPECT_EQ(store().servers().at(0).mode, BootMode::rescue_windows);
}

TEST_F(StoreTest, ReturnsToDiskWhenTheLeaseEnds) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(4)));
  clock_.advance(hours(4));
  EXPECT_EQ(boot(), BootMode::disk);
  EXPECT_EQ(store().server(web_).mode, BootMode::disk);
  EXPECT_TRUE(store().server(web_).lease) << "what ended stays visible";
}

TEST_F(StoreTest, ReturnsToDiskAfterThreeBoots) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(4)));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(boot(), BootMode::rescue_windows) << i;
    clock_.advance(std::chrono::minutes(5));
  }
  EXPECT_EQ(boot(), BootMode::disk);
}

TEST_F(StoreTest, ServesRescueOnceWithPolicyOnce) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(4), LeasePolicy::once));
  EXPECT_EQ(boot(), BootMode::rescue_windows);
  EXPECT_EQ(boot(), BootMode::disk);
}

TEST_F(StoreTest, LooksWithoutCounting) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(4), LeasePolicy::once));
  EXPECT_EQ(boot("52:54:00:00:00:01", false), BootMode::rescue_windows);
  EXPECT_EQ(store().server(web_).lease.value().boots, 0U);
}

TEST_F(StoreTest, EndsALeaseAsOftenAsAsked) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(4)));
  for (int i = 0; i < 2; ++i) {
    const auto state = store().end_lease(web_, "admin");
    EXPECT_EQ(state.mode, BootMode::disk);
    EXPECT_FALSE(state.lease);
  }
  EXPECT_EQ(boot(), BootMode::disk);
}

TEST_F(StoreTest, ReplacesALeaseByANewOne) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(4), LeasePolicy::once));
  (void)boot();
  const auto state = store().grant_lease(web_, rescue_for(hours(1)));
  EXPECT_EQ(state.mode, BootMode::rescue_windows);
  EXPECT_EQ(state.lease.value().boots, 0U);
}

TEST_F(StoreTest, ServesManyThreads) {
  store().add_server(server_named("web-01"));
  (void)store().grant_lease(web_, rescue_for(hours(4), LeasePolicy::once));
  std::vector<std::future<BootMode>> boots;
  constexpr int threads = 16;
  boots.reserve(threads);
  for (int i = 0; i < threads; ++i) boots.push_back(std::async(std::launch::async, [this] { return boot(); }));
  int rescued = 0;
  for (auto& one : boots) rescued += one.get() == BootMode::rescue_windows ? 1 : 0;
  EXPECT_EQ(rescued, 1) << "policy once";
}

TEST_F(StoreTest, NamesAFolderThatIsNotThere) {
  EXPECT_EQ(code_of([&] { const Store other(folder_ + "/missing/x.sqlite", {}, clock_); }), ErrorCode::io);
}

}  // namespace
}  // namespace rescue::netboot
