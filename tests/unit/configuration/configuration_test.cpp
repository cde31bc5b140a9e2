// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/configuration.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

Configuration parse(const std::string& text) { return Configuration::parse(Document::from_yaml("rescued.yaml", text)); }

TEST(Configuration, ExampleHoldsExactlyTheDefaults) {
  const auto example = Configuration::parse(Document::from_file(RESCUE_SOURCE "/orchestrator/rescued.example.yaml"));
  const Configuration defaults;
  const auto& read = example.session;
  const auto& expected = defaults.session;
  EXPECT_EQ(read.minimum_memory_mib, expected.minimum_memory_mib);
  EXPECT_EQ(read.host_memory_mib, expected.host_memory_mib);
  EXPECT_EQ(read.guest_memory_ceiling_mib, expected.guest_memory_ceiling_mib);
  EXPECT_EQ(read.host_cpus, expected.host_cpus);
  EXPECT_EQ(read.guest_cpus_ceiling, expected.guest_cpus_ceiling);
  EXPECT_EQ(read.allow_tcg, expected.allow_tcg);
  EXPECT_EQ(read.disk_mode, expected.disk_mode);
  EXPECT_EQ(read.nic, expected.nic);
  EXPECT_EQ(read.probe_address, expected.probe_address);
  EXPECT_EQ(read.addressing, expected.addressing);
  EXPECT_EQ(read.control_ports, expected.control_ports);
  EXPECT_EQ(read.guest_hostname, expected.guest_hostname);
  EXPECT_EQ(read.password.form, expected.password.form);
  EXPECT_EQ(read.password.length, expected.password.length);
  EXPECT_EQ(read.password.symbols, expected.password.symbols);
  EXPECT_EQ(read.deadlines.guest_agent, expected.deadlines.guest_agent);
  EXPECT_EQ(read.deadlines.provisioning, expected.deadlines.provisioning);
  EXPECT_EQ(read.deadlines.access, expected.deadlines.access);
  EXPECT_EQ(read.deadlines.announcement, expected.deadlines.announcement);
  EXPECT_EQ(read.deadlines.agent_shutdown, expected.deadlines.agent_shutdown);
  EXPECT_EQ(read.deadlines.acpi_shutdown, expected.deadlines.acpi_shutdown);
  EXPECT_EQ(read.deadlines.boot_restore, expected.deadlines.boot_restore);
  EXPECT_EQ(read.deadlines.redemption, expected.deadlines.redemption);
  EXPECT_EQ(read.deadlines.image_fetch, expected.deadlines.image_fetch);
  EXPECT_EQ(example.boot_folder, defaults.boot_folder);
  EXPECT_EQ(example.image_url, defaults.image_url);
  EXPECT_EQ(example.session.image_identity, defaults.session.image_identity);
  EXPECT_EQ(example.image_folder, defaults.image_folder);
  EXPECT_EQ(example.image_transfer, defaults.image_transfer);
  EXPECT_EQ(example.image_mirrors, defaults.image_mirrors);
  EXPECT_EQ(example.image_cache_mib, defaults.image_cache_mib);
  EXPECT_EQ(example.image_cache_folder, defaults.image_cache_folder);
  EXPECT_EQ(example.image_bandwidth_mbit, defaults.image_bandwidth_mbit);
  EXPECT_EQ(read.overlay_mib, expected.overlay_mib);
  EXPECT_EQ(example.efi_layer, defaults.efi_layer);
  EXPECT_EQ(example.ipmi_layer, defaults.ipmi_layer);
  EXPECT_EQ(read.on_shutdown, expected.on_shutdown);
  EXPECT_EQ(read.most_crash_restarts, expected.most_crash_restarts);
  EXPECT_EQ(read.watchdog_interval, expected.watchdog_interval);
  EXPECT_EQ(read.watchdog_misses, expected.watchdog_misses);
  EXPECT_EQ(example.state_directory, defaults.state_directory);
  EXPECT_EQ(read.runtime_directory, expected.runtime_directory);
  EXPECT_EQ(example.control_socket, defaults.control_socket);
  EXPECT_EQ(example.control_plane_boot_url, defaults.control_plane_boot_url);
  EXPECT_EQ(example.control_plane_token_file, defaults.control_plane_token_file);
  EXPECT_EQ(example.libvirt_uri, defaults.libvirt_uri);
  EXPECT_EQ(example.image_manifest, defaults.image_manifest);
  EXPECT_EQ(example.image_public_key, defaults.image_public_key);
  EXPECT_EQ(example.image_name, defaults.image_name);
  EXPECT_EQ(example.image_channel, defaults.image_channel);
  EXPECT_EQ(example.image_least_counter, defaults.image_least_counter);
  EXPECT_EQ(example.ticket.open, defaults.ticket.open);
  EXPECT_EQ(example.ticket.ask_customer, defaults.ticket.ask_customer);
  EXPECT_EQ(example.ticket.port, defaults.ticket.port);
  EXPECT_EQ(example.ticket.invitation_folder, defaults.ticket.invitation_folder);
  EXPECT_EQ(example.ending, defaults.ending);
  EXPECT_EQ(example.reboot_command, defaults.reboot_command);
  EXPECT_EQ(example.poweroff_command, defaults.poweroff_command);
}

TEST(Configuration, AcceptsAnEmptyFile) { EXPECT_EQ(parse("").session.minimum_memory_mib, 15360U); }

TEST(Configuration, SuggestsTheRightKey) {
  const auto error = error_of([] { (void)parse("network:\n  interfcae: eth0\n"); });
  EXPECT_STREQ(error.what(), "rescued.yaml:2: network.interfcae: is not a known key");
  EXPECT_EQ(error.hint(), "Did you mean 'interface'?");
}

TEST(Configuration, SuggestsTheRightValue) {
  const auto error = error_of([] { (void)parse("guest:\n  on_shutdown: restrat\n"); });
  EXPECT_THAT(error.what(), HasSubstr("'restrat' is not one of restart, finish, keep"));
  EXPECT_EQ(error.hint(), "Did you mean 'restart'?");
}

TEST(Configuration, TurnsABootLayerOff) {
  const auto configuration = parse("boot:\n  ipmi: off\n");
  EXPECT_FALSE(configuration.ipmi_layer);
  EXPECT_TRUE(configuration.efi_layer);
}

TEST(Configuration, ChoosesTheFormOfThePassword) {
  EXPECT_EQ(parse("password: {policy: typeable}").session.password.form, credentials::PasswordForm::typeable);
  EXPECT_EQ(parse("password: {length: 16}").session.password.form, credentials::PasswordForm::random);
}

TEST(Configuration, FixesThePortOfATicketToOneOfTheHosts) {
  EXPECT_EQ(parse("ticket: {port: 21300, open: when-serving}").ticket.port, 21300);
  EXPECT_EQ(parse("network: {control_ports: 24576-24639}\nticket: {port: 24639}").ticket.port, 24639);
}

TEST(Configuration, RefusesWhatCantWork) {
  for (const char* text : {
           "network: {control_ports: 20480-21502}",
           "network: {control_ports: 20481-21504}",
           "network: {control_ports: '20480'}",
           "network: {control_ports: 49152-50175}",
           "network: {control_ports: 70000-70063}",
           "network: {probe_address: panel.example}",
           "network: {probe_address: 192.0.2.1/32}",
           "memory: {guest_ceiling_mib: 512}",
           "memory: {minimum_mib: lots}",
           "guest: {hostname: a name with spaces}",
           "guest: {hostname: sixteen-letters-}",
           "password: {length: 8}",
           "password: {digits: false}",
           "password: {policy: memorable}",
           "disks: {only: /dev/sda}",
           "disks: {mode: rwx}",
           "server: {name: Web_42}",
           "control_plane: {url: 'ftp://198.51.100.1'}",
           "control_plane: {boot_url: '198.51.100.1'}",
           "image: {url: 'ftp://198.51.100.1'}",
           "image: {transfer: torrent}",
           "image: {identity: new}",
           "image: {mirrors: ['ftp://198.51.100.1']}",
           "image: {mirrors: http://198.51.100.1}",
           "image: {cache_mib: 7}",
           "image: {cache_folder: cache}",
           "image: {bandwidth_mbit: -1}",
           "memory: {overlay_mib: -1}",
           "image: {url: 'http://198.51.100.1/images', manifest: /images/manifest.json}",
           "boot: {efi: perhaps}",
           "finish: {then: explode}",
           "ticket: {open: always}",
           "ticket: {port: 3389}",
           "ticket: {port: 21247}",
           "ticket: {invitation_folder: tickets}",
           "log: {level: verbose}",
           "deadlines: {access: soon}",
           "- a list",
       }) {
    EXPECT_EQ(error_of([&] { (void)parse(text); }).code(), ErrorCode::config_invalid) << text;
  }
}

}  // namespace
}  // namespace rescue::tests
