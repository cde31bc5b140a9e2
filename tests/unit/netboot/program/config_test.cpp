// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/config.hpp"
#include "tests/unit/netboot/stored.hpp"

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

BootMode named(const std::string& name) { return BootMode::try_parse(name).value(); }

ipxe::KernelBoot kernel_of(const Config& config, const BootMode& mode) {
  return std::get<ipxe::KernelBoot>(config.catalogue.find(mode)->boot.value());
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
  EXPECT_EQ(left.connections_per_address, right.connections_per_address);
  EXPECT_EQ(left.agent_rules.any_address, right.agent_rules.any_address);
  EXPECT_EQ(left.request_limits.boot.rate, right.request_limits.boot.rate);
  EXPECT_EQ(left.request_limits.boot.burst, right.request_limits.boot.burst);
  EXPECT_EQ(left.retention, right.retention);
  EXPECT_EQ(left.delivery.language, right.delivery.language);
  EXPECT_EQ(left.delivery.warn_before, right.delivery.warn_before);
  EXPECT_EQ(left.delivery.rules(), right.delivery.rules());
  EXPECT_EQ(left.log_level, right.log_level);
  EXPECT_EQ(left.web_folder, right.web_folder);
}

TEST(NetbootConfig, IsDocumentedWithItsDefaults) {
  const auto example = config_from(Document::from_file(RESCUE_SOURCE_DIR "/netboot/netbootd.example.yaml"));
  expect_same(example, Config{});
  const auto shortest = from_yaml("boot: {rescue-windows: {base_url: 'http://192.0.2.10/rescue'}}");
  EXPECT_EQ(example.catalogue.names(), shortest.catalogue.names());
  for (const auto& mode : {BootMode::rescue_windows, BootMode::rescue_linux}) {
    const auto left = kernel_of(example, mode);
    const auto right = kernel_of(shortest, mode);
    EXPECT_EQ(left.kernel_url, right.kernel_url);
    EXPECT_EQ(left.initrd_urls, right.initrd_urls);
    EXPECT_EQ(left.squashfs_url, right.squashfs_url);
    EXPECT_EQ(left.arguments, right.arguments);
    EXPECT_EQ(left.attempts, right.attempts);
    EXPECT_EQ(example.catalogue.find(mode)->description, shortest.catalogue.find(mode)->description);
  }
}

/// The fault of a configuration, which names the key.
std::string fault_of_delivery(const std::string& delivery) {
  try {
    (void)from_yaml("delivery:\n" + delivery);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(NetbootConfig, NamesReceivers) {
  const auto config =
      from_yaml("delivery:\n  provider: Example\n  retry: {first: 5s, age: 2h}\n  receivers:\n"
                "    mail: {kind: mail, server: smtp.example.com, user: netbootd, password_file: /p,"
                " from: 'Example Rescue <rescue@example.com>', return_path: 'bounces+{id}@example.com'}\n"
                "    mail-2: {kind: mail, server: smtp.example.com, tls: smtps, from: rescue@example.com}\n"
                "    panel: {kind: webhook, url: 'https://panel.example.com/hook', secret_file: /s, link: true}\n"
                "    helpdesk: {kind: drop-folder, folder: /srv/helpdesk, parallel: 1}\n");
  const auto& receivers = config.delivery.receivers;
  ASSERT_EQ(receivers.size(), 4U);
  const auto& folder = receivers[0];
  EXPECT_EQ(folder.receiver.name, "helpdesk");
  EXPECT_EQ(std::get<FolderSettings>(folder.how).path, "/srv/helpdesk");
  const auto& mail = std::get<MailSettings>(receivers[1].how);
  EXPECT_EQ(mail.smtp.port, 587);
  EXPECT_EQ(mail.smtp.tls, mail::SmtpTls::starttls);
  EXPECT_EQ(mail.from.name, "Example Rescue");
  EXPECT_EQ(mail.return_path, "bounces+{id}@example.com");
  EXPECT_EQ(std::get<MailSettings>(receivers[2].how).smtp.port, 465);
  EXPECT_EQ(std::get<MailSettings>(receivers[2].how).return_path, "rescue@example.com");
  EXPECT_TRUE(receivers[3].receiver.link);
  EXPECT_FALSE(receivers[3].receiver.code);
  EXPECT_EQ(config.delivery.retry.age, std::chrono::hours(2));
}

TEST(NetbootConfig, RefusesReceiversThatLeakOrCanNotWork) {
  const std::string mail = "  provider: Example\n  receivers:\n    mail: {kind: mail, server: a, from: a@b.example, ";
  const std::string hook = "  receivers:\n    hook: {kind: webhook, secret_file: /s, ";
  for (const auto& [text, fault] : std::vector<std::pair<std::string, std::string>>{
           {mail + "tls: none, user: a, password_file: /p}\n", "would send its password in clear"},
           {mail + "tls: try}\n", "tls"},
           {mail + "user: a}\n", "password_file"},
           {mail + "return_path: 'b c@d'}\n", "is not a mail address"},
           {mail + "hello: \"a\\r\\nMAIL\"}\n", "must be one word"},
           {mail + "time_limit: 1h}\n", "must be from 1s to 5m"},
           {"  receivers:\n    mail: {kind: mail, server: a, from: a@b.example}\n", "provider is missing"},
           {"  provider: E\n  receivers:\n    mail: {kind: mail, server: a, from: \"a@b\\nBcc: c@d\"}\n",
            "is not a mail address"},
           {"  provider: E\n  receivers:\n    mail: {kind: mail, server: 'a/b', from: a@b.example}\n", "one word"},
           {hook + "url: 'http://a/b', link: true}\n", "must be https"},
           {hook + "url: 'http://a/b', code: true}\n", "must be https"},
           {hook + "url: 'ftp://a/b'}\n", "url"},
           {"  receivers:\n    Bad_Name: {kind: drop-folder, folder: /f}\n", "must be named with"},
           {"  receivers: []\n", "must hold receivers by name"},
           {"  receivers:\n    a: {kind: pigeon}\n", "kind"}}) {
    EXPECT_NE(fault_of_delivery(text).find(fault), std::string::npos) << text << fault_of_delivery(text);
  }
}

TEST(NetbootConfig, TakesAgesInDays) {
  const auto config =
      from_yaml("retention: {tasks: 30d, sessions: 12h, leases: 0, boot_tokens: 0d, secrets: 7d, every: 10m}");
  EXPECT_EQ(config.retention.tasks, std::chrono::hours(720));
  EXPECT_EQ(config.retention.sessions, std::chrono::hours(12));
  EXPECT_EQ(config.retention.leases, Milliseconds(0));
  EXPECT_EQ(config.retention.boot_tokens, Milliseconds(0));
  EXPECT_EQ(config.retention.secrets, std::chrono::hours(7 * 24));
  for (const auto* const wrong : {"-1d", "d", "1.5d", "36501d", "9999999999999d", "90dd"}) {
    EXPECT_NE(error_of(std::string("retention: {tasks: ") + wrong + "}"), "") << wrong;
  }
  EXPECT_NE(error_of("retention: {every: 0}").find("longer than nothing"), std::string::npos);
}

TEST(NetbootConfig, MayBeEmpty) {
  expect_same(from_yaml(""), Config{});
  EXPECT_FALSE(from_yaml("").catalogue.boots(BootMode::rescue_windows));
}

TEST(NetbootConfig, JoinsTheBaseUrlWithFilesAndLeavesUrlsAlone) {
  const auto boot = kernel_of(from_yaml("boot:\n  rescue-windows:\n    base_url: http://a/r/\n    kernel: k\n"
                                        "    initrd: http://b/i\n    squashfs: ''\n"),
                              BootMode::rescue_windows);
  EXPECT_EQ(boot.kernel_url, "http://a/r/k");
  EXPECT_EQ(boot.initrd_urls, std::vector<std::string>{"http://b/i"});
  EXPECT_EQ(boot.squashfs_url, "");
}

TEST(NetbootConfig, BootsTheRescueSystemForAPersonFromTheSameFiles) {
  const auto same = from_yaml("boot: {rescue-windows: {base_url: 'http://a', kernel: k, description: x}}");
  EXPECT_EQ(kernel_of(same, BootMode::rescue_linux).kernel_url, "http://a/k");
  EXPECT_FALSE(same.catalogue.find(BootMode::rescue_linux)->has_agent);
  EXPECT_TRUE(same.catalogue.find(BootMode::rescue_windows)->has_agent);
  EXPECT_NE(same.catalogue.find(BootMode::rescue_linux)->description, "x");
  const auto other = from_yaml("boot: {rescue-windows: {base_url: 'http://a', kernel: k},\n"
                               "       rescue-linux: {base_url: 'http://b', arguments: single}}");
  EXPECT_EQ(kernel_of(other, BootMode::rescue_linux).kernel_url, "http://b/k");
  EXPECT_EQ(kernel_of(other, BootMode::rescue_linux).arguments, "single");
  EXPECT_EQ(kernel_of(other, BootMode::rescue_windows).arguments, "boot=rescue panic=30");
  const auto alone = from_yaml("boot: {rescue-linux: {base_url: 'http://b'}}");
  EXPECT_FALSE(alone.catalogue.boots(BootMode::rescue_windows));
  EXPECT_EQ(kernel_of(alone, BootMode::rescue_linux).kernel_url, "http://b/vmlinuz");
}

TEST(NetbootConfig, TakesWhatTheOperatorAdds) {
  const auto config = from_yaml("boot:\n"
                                "  memory-test: {kernel: 'http://a/memtest64.efi', description: All of the memory}\n"
                                "  debian: {base_url: 'http://a/d', kernel: k, initrd: [i, j], arguments: quiet}\n"
                                "  beta: {base_url: 'http://a/b', kernel: k, agent: true}\n"
                                "  installer: {base_url: 'http://a', script: install.ipxe, attempts: 1}\n");
  EXPECT_EQ(config.catalogue.names(), (std::vector<std::string_view>{"disk", "rescue-windows", "rescue-linux", "beta",
                                                                     "debian", "installer", "memory-test"}));
  const auto debian = kernel_of(config, named("debian"));
  EXPECT_EQ(debian.initrd_urls, (std::vector<std::string>{"http://a/d/i", "http://a/d/j"}));
  EXPECT_EQ(debian.squashfs_url, "");
  EXPECT_TRUE(kernel_of(config, named("memory-test")).initrd_urls.empty());
  EXPECT_EQ(config.catalogue.find(named("memory-test"))->description, "All of the memory");
  EXPECT_TRUE(config.catalogue.find(named("beta"))->has_agent);
  EXPECT_FALSE(config.catalogue.find(named("debian"))->has_agent);
  const auto script = std::get<ipxe::ScriptBoot>(config.catalogue.find(named("installer"))->boot.value());
  EXPECT_EQ(script.url, "http://a/install.ipxe");
  EXPECT_EQ(script.attempts, 1U);
}

TEST(NetbootConfig, SaysWhatIsWrongWithABootMode) {
  EXPECT_NE(error_of("boot: {Memtest: {kernel: 'http://a/k'}}").find("is not the name"), std::string::npos);
  EXPECT_NE(error_of("boot: {" + std::string(33, 'a') + ": {kernel: 'http://a/k'}}").find("is not the name"),
            std::string::npos);
  EXPECT_NE(error_of("boot: {disk: {kernel: 'http://a/k'}}").find("boot.disk"), std::string::npos);
  EXPECT_NE(error_of("boot: {unknown: {kernel: 'http://a/k'}}").find("boot.unknown"), std::string::npos);
  EXPECT_NE(error_of("boot: {own: {base_url: 'http://a'}}").find("kernel or a script"), std::string::npos);
  EXPECT_NE(error_of("boot: {own: {kernel: k}}").find("'base_url' is missing"), std::string::npos);
  EXPECT_NE(error_of("boot: {own: {kernel: ''}}").find("boot.own"), std::string::npos);
  EXPECT_NE(error_of("boot: {own: {script: s, base_url: 'http://a', kernel: k}}").find("own.kernel"),
            std::string::npos);
  EXPECT_NE(error_of("boot: {own: {kernel: 'http://a/k', agents: true}}").find("Did you mean 'agent'?"),
            std::string::npos);
  EXPECT_NE(error_of("boot: {rescue-linux: {arguments: single}}").find("'base_url' is missing"), std::string::npos);
  EXPECT_NE(error_of("boot: {rescue-windows: {base_url: 'http://a', agent: false}}").find("agent"), std::string::npos);
  EXPECT_NE(error_of("boot: [a]").find("must be a mapping"), std::string::npos);
  std::string many = "boot:\n";
  for (int i = 0; i < 62; ++i) many += fmt::format("  mode-{}: {{kernel: 'http://a/k'}}\n", i);
  EXPECT_NE(error_of(many).find("64 boot modes at most"), std::string::npos);
}

TEST(NetbootConfig, TakesOneUrlForAgentsAndForIpxe) {
  const auto agent = from_yaml("agent: {url: 'http://192.0.2.10:8470/'}").agent;
  EXPECT_EQ(agent.url, "http://192.0.2.10:8470");
  EXPECT_EQ(agent.boot_url, agent.url);
  EXPECT_EQ(from_yaml("agent: {url: 'https://a', boot_url: 'http://b'}").agent.boot_url, "http://b");
}

TEST(NetbootConfig, HasNoUrlOfLinksUnlessItIsSet) {
  EXPECT_EQ(from_yaml("").links_url, "");
  EXPECT_EQ(from_yaml("links: {url: 'https://rescue.example/'}").links_url, "https://rescue.example");
  EXPECT_NE(error_of("links: {url: rescue.example}").find("links.url"), std::string::npos);
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
  EXPECT_NE(error_of("boot: {own: {script: 'http://a/s || shell'}}").find("own.script"), std::string::npos);
  EXPECT_NE(error_of("boot: {own: {kernel: 'http://a/k', initrd: [\"http://a/i\\nshell\"]}}").find("own.initrd[0]"),
            std::string::npos);
  EXPECT_NE(error_of("boot: {own: {kernel: 'http://a/k', description: \"a\\nb\"}}").find("description"),
            std::string::npos);
}

}  // namespace
}  // namespace rescue::netboot
