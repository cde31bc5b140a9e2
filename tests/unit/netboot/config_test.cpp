// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/config.hpp"
#include "stored.hpp"

namespace rescue::netboot {
namespace {

Config from_yaml(const std::string& text) { return config_from(Document::from_yaml("netbootd.yaml", text)); }

std::string error_of(const std::string& text) {
  try {
    (void)from_yaml(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::config_invalid);
    return std::string(error.what()) + " | " + error.hint();
  }
  ADD_FAILURE() << "accepted: " << text;
  return {};
}

void expect_same(const Config& left, const Config& right) {
  EXPECT_EQ(left.address, right.address);
  EXPECT_EQ(left.port, right.port);
  EXPECT_EQ(left.threads, right.threads);
  EXPECT_EQ(left.trusted_proxies, right.trusted_proxies);
  EXPECT_EQ(left.database, right.database);
  EXPECT_EQ(left.limits.boots, right.limits.boots);
  EXPECT_EQ(left.limits.repeat_window, right.limits.repeat_window);
  EXPECT_EQ(left.lease_ttl, right.lease_ttl);
  EXPECT_EQ(left.longest_lease_ttl, right.longest_lease_ttl);
  EXPECT_EQ(left.limits.dead_man, right.limits.dead_man);
  EXPECT_EQ(left.agent_rules.alive, right.agent_rules.alive);
  EXPECT_EQ(left.agent_rules.token_lifetime, right.agent_rules.token_lifetime);
  EXPECT_EQ(left.agent_rules.heartbeat_interval, right.agent_rules.heartbeat_interval);
  EXPECT_EQ(left.power.settle, right.power.settle);
  EXPECT_EQ(left.tasks.threads, right.tasks.threads);
  EXPECT_EQ(left.tasks.rescue, right.tasks.rescue);
  EXPECT_EQ(left.tasks.finish, right.tasks.finish);
  EXPECT_EQ(left.key_file, right.key_file);
  EXPECT_EQ(left.log_level, right.log_level);
}

TEST(NetbootConfig, IsDocumentedWithItsDefaults) {
  const auto example = config_from(Document::from_file(RESCUE_SOURCE_DIR "/netboot/netbootd.example.yaml"));
  expect_same(example, Config{});
  const auto shortest = from_yaml("boot: {rescue-windows: {base_url: 'http://192.0.2.10/rescue'}}");
  ASSERT_TRUE(example.rescue_windows && shortest.rescue_windows);
  EXPECT_EQ(example.rescue_windows->kernel_url, shortest.rescue_windows->kernel_url);
  EXPECT_EQ(example.rescue_windows->initrd_url, shortest.rescue_windows->initrd_url);
  EXPECT_EQ(example.rescue_windows->squashfs_url, shortest.rescue_windows->squashfs_url);
  EXPECT_EQ(example.rescue_windows->arguments, shortest.rescue_windows->arguments);
  EXPECT_EQ(example.rescue_windows->attempts, shortest.rescue_windows->attempts);
}

TEST(NetbootConfig, MayBeEmpty) {
  expect_same(from_yaml(""), Config{});
  EXPECT_FALSE(from_yaml("").rescue_windows);
}

TEST(NetbootConfig, JoinsTheBaseUrlWithFilesAndLeavesUrlsAlone) {
  const auto boot = from_yaml("boot:\n  rescue-windows:\n    base_url: http://a/r/\n    kernel: k\n"
                              "    initrd: http://b/i\n    squashfs: ''\n")
                        .rescue_windows.value();
  EXPECT_EQ(boot.kernel_url, "http://a/r/k");
  EXPECT_EQ(boot.initrd_url, "http://b/i");
  EXPECT_EQ(boot.squashfs_url, "");
}

TEST(NetbootConfig, TakesOneUrlForAgentsAndForIpxe) {
  const auto agent = from_yaml("agent: {url: 'http://192.0.2.10:8470/'}").agent;
  EXPECT_EQ(agent.url, "http://192.0.2.10:8470");
  EXPECT_EQ(agent.boot_url, agent.url);
  EXPECT_EQ(from_yaml("agent: {url: 'https://a', boot_url: 'http://b'}").agent.boot_url, "http://b");
}

TEST(NetbootConfig, NamesTheKeyThatIsWrong) {
  EXPECT_NE(error_of("listen:\n  adress: 127.0.0.1").find("Did you mean 'address'?"), std::string::npos);
  EXPECT_NE(error_of("listen: {port: 70000}").find("netbootd.yaml:1: listen.port"), std::string::npos);
  EXPECT_NE(error_of("listen: {trusted_proxies: [0.0.0.0/0]}").find("listen.trusted_proxies"), std::string::npos);
  EXPECT_NE(error_of("lease: {ttl: 48h}").find("lease.ttl"), std::string::npos);
  EXPECT_NE(error_of("lease: {ttl: 0}").find("lease.ttl"), std::string::npos);
  EXPECT_NE(error_of("lease: {boots: 0}").find("lease.boots"), std::string::npos);
  EXPECT_NE(error_of("boot: {rescue-window: {}}").find("rescue-windows"), std::string::npos);
  EXPECT_NE(error_of("boot: {rescue-windows: {kernel: k}}").find("base_url"), std::string::npos);
  EXPECT_NE(error_of("boot: {rescue-windows: {base_url: 'ftp://a'}}").find("base_url"), std::string::npos);
  EXPECT_NE(error_of("agent: {url: 'ftp://a'}").find("agent.url"), std::string::npos);
  EXPECT_NE(error_of("agent: {alive: 1s}").find("two heartbeats"), std::string::npos);
  EXPECT_NE(error_of("tasks: {rescue: 0}").find("tasks.rescue"), std::string::npos);
  EXPECT_NE(error_of("bmc: {setle: 1s}").find("Did you mean 'settle'?"), std::string::npos);
  EXPECT_NE(error_of("log: {level: loud}").find("log.level"), std::string::npos);
}

TEST(NetbootConfig, NamesProxiesThatAreBelieved) {
  const auto proxies = from_yaml("listen: {trusted_proxies: [192.0.2.0/28, '2001:db8::1']}").trusted_proxies;
  EXPECT_EQ(proxies.client_of("192.0.2.3", "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(proxies.client_of("2001:db8::1", "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(proxies.client_of("192.0.2.16", "203.0.113.7"), "192.0.2.16");
}

TEST(NetbootConfig, RefusesWhatWouldBreakABootScript) {
  EXPECT_NE(error_of("boot: {rescue-windows: {base_url: 'http://a b'}}").find("base_url"), std::string::npos);
  EXPECT_NE(error_of("boot: {rescue-windows: {base_url: 'http://a', arguments: \"a\\nshell\"}}").find("arguments"),
            std::string::npos);
}

}  // namespace
}  // namespace rescue::netboot
