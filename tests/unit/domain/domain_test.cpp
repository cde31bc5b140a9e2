// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/journal_form.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rescue::tests {
namespace {

using namespace domain;
using namespace net::literals;

/// No field has its default: the test detects a field that JSON lacks.
NetworkSnapshot snapshot() {
  NetworkSnapshot network;
  network.nic = "eth1";
  network.mac = "52:54:00:00:00:01"_mac;
  network.mtu = 9000;
  network.addresses = {
      {"203.0.113.7"_ip, 32, "203.0.113.1"_ip, "203.0.113.255"_ip, "eth1:0", 0x80, 253, 100, 50, 7, 3}};
  network.routes = {{"198.51.100.0/24"_prefix,
                     "203.0.113.1"_ip,
                     "203.0.113.7"_ip,
                     10,
                     100,
                     16,
                     253,
                     true,
                     1400,
                     64,
                     1,
                     900,
                     16,
                     0x30007,
                     {{8, 1360}, {11, 20}},
                     "reno",
                     7,
                     2,
                     "0c000100"}};
  network.dns_servers = {"192.0.2.53"_ip};
  network.sysctls = {{"net/ipv4/conf/all/arp_ignore", "0"}};
  network.index = 3;
  return network;
}

TakeoverPlan takeover() {
  TakeoverPlan plan;
  plan.original = snapshot();
  plan.addressing = GuestAddressing::provider_dhcp;
  plan.probe_address = "169.254.1.1"_ip;
  plan.control_ports = {24576, 25599};
  plan.bridge = "b";
  plan.tap = "t";
  plan.tap_queues = 4;
  plan.bridge_mac = "06:00:00:00:00:01"_mac;
  plan.probe_mac = "0a:00:00:00:00:01"_mac;
  plan.control_plane_addresses = {"198.51.100.1"_ip};
  return plan;
}

GuestSpec guest() {
  GuestSpec spec;
  spec.name = "rescue-x";
  spec.profile = {GuestSystem::standin, Firmware::bios, DiskBus::sata, true, "Somebody", {"/bin/true", "{hostname}"}};
  spec.accelerator = Accelerator::kvm_compatible;
  spec.memory_mib = 4096;
  spec.vcpus = 3;
  spec.system_disk = "/run/s.qcow2";
  Disk disk{"/dev/sda", "/dev/disk/by-id/a", "8:0", "S", "0x5", "V", "M", 512, 4096, 4096, true, "sata"};
  spec.disks = {{disk, "/run/a.qcow2", DiskFormat::qcow2, DiskCache::writeback, false, true}};
  spec.disk_mode = DiskMode::overlay;
  spec.mac = "52:54:00:00:00:01"_mac;
  spec.tap = "t";
  spec.tap_queues = 4;
  spec.mtu = 9000;
  spec.vnc_socket = "/run/v";
  spec.serial_log = "/run/l";
  return spec;
}

TEST(SessionRecord, SurvivesItsJournalWholly) {
  const WallTime time{Milliseconds(1'763'713'459'250)};
  SessionRecord record;
  record.id = "x-1";
  record.server = "x";
  record.phase = Phase::serving;
  record.started = time;
  record.ended = time;
  record.steps = {{"take-network", StepState::undone, time, time, "detail"}};
  record.plan = RescuePlan{{"i", "1", "/i.raw", "raw", guest().profile},
                           guest(),
                           takeover(),
                           {{"/dev/sdb", ExclusionReason::assembled, "in md0"}}};
  record.connection =
      ConnectionData{"203.0.113.7", "Somebody", "SHA256:x", "ssh-ed25519", "aa:bb", RdpProof::authenticated, "AAAA"};
  record.announced = Announcement{time, "somebody"};
  record.failure = Failure{"step", ErrorCode::timeout, "message", "hint"};
  record.rollback_failures = {{"step", ErrorCode::io, "message", "hint"}};
  record.warnings = {{WarningCode::guest_paused, "warning"}};
  record.ending = Ending::poweroff;
  record.changes = Changes::discard;
  record.changes_undecided = true;
  record.plan->withdrawn_disks = guest().disks;
  record.plan->withdrawn_disks.front().half_written = true;
  record.plan->changes_mib = 5;
  record.resumes = 2;
  record.guest_restarts = 1;

  const auto again = record_from_journal(nlohmann::json::parse(journal_form(record).dump()));
  EXPECT_EQ(journal_form(again), journal_form(record));
  EXPECT_EQ(again.plan->network, record.plan->network);
  EXPECT_EQ(again.plan->image, record.plan->image);
  EXPECT_EQ(again.plan->changes_mib, 5U);
  EXPECT_TRUE(again.changes_undecided);
  EXPECT_EQ(again.plan->withdrawn_disks, record.plan->withdrawn_disks);
  EXPECT_EQ(again.plan->guest.disks, record.plan->guest.disks);
  EXPECT_EQ(again.plan->guest.profile, record.plan->guest.profile);
  EXPECT_EQ(again.connection, record.connection);
  EXPECT_EQ(again.steps.at(0).started, time);

  auto older = journal_form(record);
  ASSERT_EQ(older.at("connection").erase("ssh_host_key_blob"), 1U);
  EXPECT_EQ(record_from_journal(older).connection->ssh_host_key_blob, "") << "a journal of an older version";
}

InterfaceAddress address(const net::IpAddress& text, unsigned prefix, std::optional<net::IpAddress> peer = {}) {
  InterfaceAddress made;
  made.address = text;
  made.prefix = prefix;
  made.peer = peer;
  return made;
}

Route default_through(const net::IpAddress& gateway, unsigned metric = 0, unsigned table = 254) {
  Route made;
  made.destination = "0.0.0.0/0"_prefix;
  made.gateway = gateway;
  made.metric = metric;
  made.table = table;
  return made;
}

/// The form of the journal, which an older rescued may have written.
TEST(SessionRecord, WritesAddressesAsText) {
  SessionRecord record;
  record.plan = RescuePlan{{"i", "1", "/i.raw", "raw", guest().profile}, guest(), takeover(), {}};
  auto& original = record.plan->network.original;
  original.addresses.push_back(address("2001:db8::7"_ip, 64));
  original.routes.push_back(default_through("fe80::1"_ip));
  original.routes.back().gateway.reset();
  const auto written = journal_form(record).at("plan").at("network");
  const auto values = [](const nlohmann::json& json, std::initializer_list<const char*> names) {
    auto list = nlohmann::json::array();
    for (const auto* name : names) list.push_back(json.at(name));
    return list.dump();
  };
  EXPECT_EQ(values(written, {"probe_address", "bridge_mac", "probe_mac", "control_plane_addresses"}),
            R"(["169.254.1.1","06:00:00:00:00:01","0a:00:00:00:00:01",["198.51.100.1"]])");
  const auto& before = written.at("original");
  EXPECT_EQ(values(before, {"mac", "dns_servers"}), R"(["52:54:00:00:00:01",["192.0.2.53"]])");
  EXPECT_EQ(values(before.at("addresses").at(0), {"address", "prefix", "peer", "broadcast"}),
            R"(["203.0.113.7",32,"203.0.113.1","203.0.113.255"])");
  EXPECT_EQ(values(before.at("addresses").at(1), {"address", "prefix", "peer", "broadcast"}),
            R"(["2001:db8::7",64,"",""])");
  EXPECT_EQ(values(before.at("routes").at(0), {"destination", "gateway", "source"}),
            R"(["198.51.100.0/24","203.0.113.1","203.0.113.7"])");
  EXPECT_EQ(values(before.at("routes").at(1), {"destination", "gateway", "source"}), R"(["0.0.0.0/0","",""])");
}

TEST(NetworkSnapshot, GatewayIsThatOfTheMainTablesBestDefaultRoute) {
  NetworkSnapshot network;
  EXPECT_FALSE(network.gateway_v4());
  network.routes = {default_through("203.0.113.129"_ip, 0, 100), default_through("203.0.113.2"_ip, 200),
                    default_through("203.0.113.1"_ip, 100), default_through("203.0.113.3"_ip, 300)};
  EXPECT_EQ(network.gateway_v4(), "203.0.113.1"_ip);
  auto for_some = default_through("203.0.113.4"_ip);
  for_some.tos = 16;
  network.routes.push_back(for_some);
  EXPECT_EQ(network.gateway_v4(), "203.0.113.1"_ip) << "a route for some packets is no default";
  network.routes = {default_through("fe80::1"_ip)};
  EXPECT_FALSE(network.gateway_v4()) << "an IPv6 gateway can't be told by DHCP";
  network.routes = {default_through("203.0.113.129"_ip, 0, 100)};
  EXPECT_FALSE(network.gateway_v4());
}

TEST(NetworkSnapshot, PrimaryAddressIsTheOneThatTheDefaultRouteLeadsFrom) {
  NetworkSnapshot network;
  network.addresses = {address("10.0.0.7"_ip, 8), address("203.0.113.7"_ip, 24), address("203.0.113.8"_ip, 24),
                       address("2001:db8::7"_ip, 64)};
  EXPECT_EQ(network.primary_v4()->address, "10.0.0.7"_ip) << "without a default route";
  network.routes = {default_through("203.0.113.1"_ip)};
  EXPECT_EQ(network.primary_v4()->address, "203.0.113.7"_ip) << "by its gateway";
  network.routes[0].source = "203.0.113.8"_ip;
  EXPECT_EQ(network.primary_v4()->address, "203.0.113.8"_ip) << "by its source";
  network.routes = {default_through("10.0.0.1"_ip, 0, 100), default_through("203.0.113.1"_ip, 50)};
  EXPECT_EQ(network.primary_v4()->address, "203.0.113.7"_ip) << "another table's default does not count";
  network.routes = {default_through("192.0.2.1"_ip)};
  EXPECT_EQ(network.primary_v4()->address, "10.0.0.7"_ip) << "a gateway in nobody's network";
  network.addresses = {address("10.0.0.7"_ip, 32), address("198.51.100.7"_ip, 32, "203.0.113.1"_ip)};
  network.routes = {default_through("203.0.113.1"_ip)};
  EXPECT_EQ(network.primary_v4()->address, "198.51.100.7"_ip) << "by the far end";
  network.addresses = {address("2001:db8::7"_ip, 64)};
  EXPECT_EQ(network.primary_v4(), nullptr);
}

TEST(SessionRecord, NamesEveryEnumerator) {
  for (int step = 0; step <= static_cast<int>(StepName::report); ++step) {
    EXPECT_NE(name_of(static_cast<StepName>(step)), "unknown") << step;
  }
  EXPECT_EQ(name_of(static_cast<StepName>(static_cast<int>(StepName::report) + 1)), "unknown");
  EXPECT_EQ(name_of(static_cast<Phase>(static_cast<int>(Phase::failed) + 1)), "unknown");
  EXPECT_EQ(name_of(static_cast<ExclusionReason>(static_cast<int>(ExclusionReason::busy) + 1)), "unknown");
  EXPECT_EQ(name_of(static_cast<GuestEventKind>(static_cast<int>(GuestEventKind::paused) + 1)), "unknown");
}

}  // namespace
}  // namespace rescue::tests
