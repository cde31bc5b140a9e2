// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::session {
namespace {

constexpr unsigned least_guest_memory_mib = 1024;

std::string guest_folder(const domain::SessionSettings& settings) { return settings.runtime_directory + "/guest"; }

/// Folder of the throw-away disk: nothing else is in it, so that it can be a memory file system of its own.
std::string overlay_folder(const domain::SessionSettings& settings) { return guest_folder(settings) + "/overlay"; }

/// Memory for files below `folder`: as configured, or an eighth of the host's; 0 if the folder is on a disk.
unsigned memory_for(Ports& ports, const std::string& folder, unsigned configured_mib, unsigned total_mib) {
  constexpr unsigned share = 8;
  constexpr unsigned least_mib = 1024;
  constexpr unsigned most_mib = 16 * 1024;
  if (ports.host.memory_of_files_mib(folder) == 0) return 0;
  return configured_mib > 0 ? configured_mib : std::clamp(total_mib / share, least_mib, most_mib);
}

}  // namespace

std::string changes_folder(const domain::SessionSettings& settings, const std::string& session) {
  if (settings.changes_folder.empty()) return guest_folder(settings) + "/changes";
  return fmt::format("{}/rescue-{}", settings.changes_folder, session.empty() ? settings.server_name : session);
}

domain::TakeoverPlan plan_takeover(Ports& ports, const domain::SessionSettings& settings, unsigned vcpus) {
  domain::TakeoverPlan plan;
  plan.original = ports.network.survey(settings.nic);
  plan.addressing = settings.addressing;
  if (plan.addressing == domain::GuestAddressing::automatic) {
    plan.addressing = ports.network.address_is_leased(plan.original) ? domain::GuestAddressing::provider_dhcp
                                                                     : domain::GuestAddressing::local_dhcp;
  }
  plan.probe_address = settings.probe_address;
  plan.control_ports = settings.control_ports;
  plan.tap_queues = std::clamp(vcpus, 2U, 8U);  // a multi-queue tap refuses a single queue
  plan.bridge_mac = derived_mac(plan.original.mac, 0x06);
  plan.probe_mac = derived_mac(plan.original.mac, 0x0a);
  return plan;
}

std::vector<net::IpAddress> control_plane_addresses(Ports& ports, const domain::SessionSettings& settings) {
  std::vector<net::IpAddress> addresses;
  for (const auto& host : settings.control_plane_hosts) {
    for (const auto& address : ports.network.addresses_of(host)) {
      if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
    }
  }
  return addresses;
}

net::Mac derived_mac(const net::Mac& mac, std::uint8_t first_octet) {
  auto bytes = mac.bytes();
  bytes[0] = first_octet;
  return net::Mac(bytes);
}

std::string primary_address(const domain::NetworkSnapshot& network) {
  if (const auto* address = network.primary_v4()) return address->address.text();
  throw Error(ErrorCode::precondition, fmt::format("{} has no global IPv4 address", network.nic),
              "Give the server its address on that NIC, or name another NIC in network.interface.");
}

MemoryPlan plan_memory(Ports& ports, const domain::SessionSettings& settings, const domain::RescueImage& image) {
  MemoryPlan plan;
  plan.total_mib = ports.host.facts().memory_mib;
  plan.host_mib = settings.host_memory_mib;
  plan.image_mib = image.memory_mib;
  plan.overlay_mib = memory_for(ports, overlay_folder(settings), settings.overlay_mib, plan.total_mib);
  if (settings.disk_mode == domain::DiskMode::overlay) {
    plan.changes_mib = memory_for(ports, changes_folder(settings), settings.changes_mib, plan.total_mib);
  }
  const unsigned kept = plan.host_mib + plan.image_mib + plan.overlay_mib + plan.changes_mib;
  const unsigned left = plan.total_mib > kept ? plan.total_mib - kept : 0;
  plan.guest_mib = std::min(left, settings.guest_memory_ceiling_mib);
  if (plan.guest_mib >= least_guest_memory_mib) return plan;
  throw Error(
      ErrorCode::precondition, fmt::format("{} MiB would be left for the guest: {}", plan.guest_mib, text_of(plan)),
      plan.changes_mib > 0
          ? "Lower memory.host_reserve_mib, memory.overlay_mib, disks.overlay_mib or image.cache_mib, or put the "
            "overlays on a disk: disks.overlay_folder."
          : "Lower memory.host_reserve_mib, memory.overlay_mib or image.cache_mib, or raise memory.guest_ceiling_mib.");
}

std::string text_of(const MemoryPlan& plan) {
  auto text = fmt::format("{} MiB: {} for the guest, {} for the host", plan.total_mib, plan.guest_mib, plan.host_mib);
  if (plan.image_mib > 0) text += fmt::format(", {} for the image", plan.image_mib);
  if (plan.overlay_mib > 0) text += fmt::format(", {} for the throw-away disk", plan.overlay_mib);
  if (plan.changes_mib > 0) text += fmt::format(", {} for the changes to the server's disks", plan.changes_mib);
  return text;
}

void require_memory(const domain::RescueImage& image, unsigned guest_memory_mib) {
  if (guest_memory_mib >= image.least_memory_mib) return;
  throw Error(ErrorCode::precondition,
              fmt::format("the guest would have {} MiB of memory, the image {} needs {}", guest_memory_mib, image.name,
                          image.least_memory_mib),
              "Lower memory.host_reserve_mib, raise memory.guest_ceiling_mib, or choose an image that needs less.");
}

unsigned guest_vcpus(const ports::HostFacts& host, const domain::SessionSettings& settings) {
  const unsigned share = settings.host_cpus != 0 ? settings.host_cpus : host.cpus / 8;
  return std::clamp(host.cpus > share ? host.cpus - share : 1U, 1U, settings.guest_cpus_ceiling);
}

std::vector<domain::GuestDisk> guest_disks(const std::vector<domain::Disk>& disks,
                                           const domain::SessionSettings& settings, const std::string& session) {
  std::vector<domain::GuestDisk> all;
  all.reserve(disks.size());
  for (const auto& disk : disks) {
    auto given = passed_through(disk, settings.disk_mode == domain::DiskMode::read_only);
    given.discard = settings.discard;
    if (settings.disk_mode == domain::DiskMode::overlay) {
      // The kernel's names are unique; a file in memory can't be opened without the page cache.
      given.source =
          fmt::format("{}/{}.qcow2", changes_folder(settings, session), disk.path.substr(disk.path.rfind('/') + 1));
      given.format = domain::DiskFormat::qcow2;
      given.cache = domain::DiskCache::writeback;
    }
    all.push_back(std::move(given));
  }
  return all;
}

domain::DiskSurvey survey_disks(Ports& ports, const domain::DiskRules& rules) {
  auto survey = ports.inventory.survey(rules);
  for (const auto& obstacle : ports.claims.obstacles(survey.usable)) {
    std::erase_if(survey.usable, [&](const domain::Disk& disk) { return disk.path == obstacle.path; });
    survey.excluded.push_back(obstacle);
  }
  return survey;
}

domain::RescuePlan make_plan(Ports& ports, const domain::SessionSettings& settings, const std::string& session) {
  const auto host = ports.host.facts();
  auto survey = survey_disks(ports, settings.disks);
  domain::RescuePlan plan;
  plan.image = ports.images.inspect();
  plan.excluded_disks = std::move(survey.excluded);

  auto& guest = plan.guest;
  guest.vcpus = guest_vcpus(host, settings);
  plan.network = plan_takeover(ports, settings, guest.vcpus);
  plan.network.control_plane_addresses = control_plane_addresses(ports, settings);
  (void)primary_address(plan.network.original);

  guest.name = "rescue-" + settings.server_name;
  guest.profile = plan.image.profile;
  guest.accelerator = ports.hypervisor.facts().accelerator;
  const auto memory = plan_memory(ports, settings, plan.image);
  guest.memory_mib = memory.guest_mib;
  plan.overlay_mib = memory.overlay_mib;
  plan.host_mib = memory.host_mib;
  require_memory(plan.image, guest.memory_mib);
  plan.changes_mib = memory.changes_mib;
  guest.disks = guest_disks(survey.usable, settings, session);
  guest.disk_mode = settings.disk_mode;
  guest.mac = plan.network.original.mac;
  guest.mtu = plan.network.original.mtu;
  guest.tap = plan.network.tap;
  guest.tap_queues = plan.network.tap_queues;
  const auto folder = guest_folder(settings);
  guest.system_disk = overlay_folder(settings) + "/system.qcow2";
  guest.vnc_socket = folder + "/vnc/socket";  // the only thing of QEMU's user here
  guest.serial_log = folder + "/serial.log";
  return plan;
}

}  // namespace rescue::session
