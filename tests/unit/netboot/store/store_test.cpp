// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/stored.hpp"

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
  servers().add(server);
  server.name = ServerName::parse("db-01");
  server.macs = {MacAddress::parse("52:54:00:00:00:03")};
  server.firmware = Firmware::uefi;
  server.address = "203.0.113.8";
  server.loader = R"(\EFI\x.efi)";
  servers().add(server);
  open();
  const auto known = all_servers();
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].server.name.text(), "db-01");
  EXPECT_EQ(known[0].server.loader, R"(\EFI\x.efi)");
  EXPECT_EQ(known[1].server.firmware, Firmware::bios);
  EXPECT_EQ(known[1].server.address, "203.0.113.7");
  EXPECT_EQ(known[1].server.macs.at(0).text(), "52:54:00:00:00:02") << "the order is the caller's";
  EXPECT_EQ(known[1].server.created, clock_.wall());
  EXPECT_EQ(servers().state(web_).server.macs.size(), 2U);
}

TEST_F(StoreTest, RefusesANameOrACardThatIsTaken) {
  servers().add(server_named("web-01"));
  EXPECT_EQ(code_of([&] { servers().add(server_named("web-01", "52:54:00:00:00:09")); }), ErrorCode::conflict);
  try {
    servers().add(server_named("web-02"));
    FAIL() << "one card, two servers";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("web-01"), std::string::npos) << error.what();
  }
  EXPECT_EQ(all_servers().size(), 1U) << "nothing of a refused server stays";
}

TEST_F(StoreTest, SaysThatAServerIsUnknown) {
  EXPECT_EQ(code_of([&] { (void)servers().state(web_); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { servers().remove(web_); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)leases().grant(web_, rescue_for(hours(1))); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)leases().end(web_, "admin"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { (void)tokens().issue_agent_token(web_); }), ErrorCode::not_found);
  EXPECT_FALSE(BootRecords(store()).boot(web_, true));
}

TEST_F(StoreTest, ForgetsAServerWithItsCardsAndTokens) {
  servers().add(server_named("web-01"));
  const auto token = tokens().issue_agent_token(web_);
  (void)leases().grant(web_, rescue_for(hours(1)));
  (void)leases().end(web_, "admin");
  servers().remove(web_);
  EXPECT_FALSE(tokens().recognise(token.reveal()).caller);
  servers().add(server_named("web-02"));
}

TEST_F(StoreTest, KeepsAServerThatIsSetToBootRescue) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(1)));
  EXPECT_EQ(code_of([&] { servers().remove(web_); }), ErrorCode::conflict);
  clock_.advance(hours(1));
  EXPECT_NO_THROW(servers().remove(web_));
}

TEST_F(StoreTest, KeepsLeasesAcrossARestart) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4)));
  EXPECT_EQ(boot(), BootMode::rescue_windows);
  open();
  const auto state = servers().state(web_);
  EXPECT_EQ(state.mode, BootMode::rescue_windows);
  ASSERT_TRUE(state.lease);
  EXPECT_EQ(state.lease->boots, 1U);
  EXPECT_EQ(state.lease->last_boot, clock_.wall());
  EXPECT_EQ(state.lease->expires, clock_.wall() + hours(4));
  EXPECT_EQ(state.lease->requested_by, "admin");
  EXPECT_EQ(state.lease->reason, "a test");
  EXPECT_EQ(all_servers().at(0).mode, BootMode::rescue_windows);
}

TEST_F(StoreTest, ReturnsToDiskWhenTheLeaseEnds) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4)));
  clock_.advance(hours(4));
  EXPECT_EQ(boot(), BootMode::disk);
  EXPECT_EQ(servers().state(web_).mode, BootMode::disk);
  EXPECT_TRUE(servers().state(web_).lease) << "what ended stays visible";
}

TEST_F(StoreTest, ReturnsToDiskAfterThreeBoots) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4)));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(boot(), BootMode::rescue_windows) << i;
    clock_.advance(std::chrono::minutes(5));
  }
  EXPECT_EQ(boot(), BootMode::disk);
}

TEST_F(StoreTest, ServesRescueOnceWithPolicyOnce) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4), LeasePolicy::once));
  EXPECT_EQ(boot(), BootMode::rescue_windows);
  EXPECT_EQ(boot(), BootMode::disk);
}

TEST_F(StoreTest, LooksWithoutCounting) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4), LeasePolicy::once));
  EXPECT_EQ(boot("52:54:00:00:00:01", false), BootMode::rescue_windows);
  EXPECT_EQ(servers().state(web_).lease.value().boots, 0U);
}

TEST_F(StoreTest, EndsALeaseAsOftenAsAsked) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4)));
  for (int i = 0; i < 2; ++i) {
    const auto state = leases().end(web_, "admin").value();
    EXPECT_EQ(state.mode, BootMode::disk);
    EXPECT_FALSE(state.lease);
  }
  EXPECT_EQ(boot(), BootMode::disk);
}

TEST_F(StoreTest, ReplacesALeaseByANewOne) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4), LeasePolicy::once));
  (void)boot();
  const auto state = leases().grant(web_, rescue_for(hours(1))).value();
  EXPECT_EQ(state.mode, BootMode::rescue_windows);
  EXPECT_EQ(state.lease.value().boots, 0U);
}

TEST_F(StoreTest, ServesManyThreads) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4), LeasePolicy::once));
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
