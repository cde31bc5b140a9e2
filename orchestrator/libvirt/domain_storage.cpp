// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/domain_storage.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "orchestrator/libvirt/guest_serials.hpp"
#include "orchestrator/libvirt/xml_builder.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>

namespace rescue::libvirt {
namespace {

using domain::Disk;
using domain::DiskBus;
using domain::GuestDisk;
using domain::GuestSpec;

constexpr std::size_t sata_ports = 6;  // ports of one AHCI controller
/// Limits of server disks, beside the system disk. virtio-scsi: 256 targets on our one controller. SATA: as many AHCI
/// controllers as libvirt finds PCI slots for, with bridges.
constexpr std::size_t most_scsi_disks = 255;
constexpr std::size_t most_sata_disks = 100;
constexpr unsigned scsi_queues = 8;  // more have no effect with a single iothread

/// The n-th target name: sda ... sdz, sdaa ...
std::string target_name(std::size_t index) {
  std::string letters;
  for (std::size_t rest = index + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('a' + (rest - 1) % 26));
  }
  return "sd" + letters;
}

/// 16 hex digits in lower case, or empty: libvirt accepts no other form (NAA-6 and NVMe identifiers are longer).
std::string wwn_of(const Disk& disk) {
  std::string wwn = disk.wwn;
  if (wwn.starts_with("0x") || wwn.starts_with("0X")) wwn.erase(0, 2);
  const bool hex = std::all_of(wwn.begin(), wwn.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (wwn.size() != 16 || !hex) return {};
  return lower_case(wwn);
}

/// An INQUIRY field: printable ASCII of a fixed width.
std::string inquiry_field(std::string_view text, std::size_t width) {
  std::string field;
  for (const char c : trimmed(text, " ")) {
    if (c >= ' ' && c <= '~') field.push_back(c);
  }
  return trimmed(std::string_view(field).substr(0, width), " ");
}

void require_presentable(const GuestDisk& given, const GuestSpec& spec) {
  const auto& disk = given.disk;
  const bool sata = spec.profile.disk_bus == DiskBus::sata;
  if (sata && disk.logical_block_size != 512) {
    throw Error(ErrorCode::precondition,
                disk.path + " has logical sectors of " + std::to_string(disk.logical_block_size) +
                    " bytes, which SATA can't show to the guest",
                "Use an image whose profile has disk_bus: virtio-scsi, or name the disk in disks.exclude.");
  }
  if (spec.disk_mode == domain::DiskMode::overlay && given.source == disk.path) {
    throw Error(ErrorCode::precondition, "disk mode overlay is not available for " + disk.path + ": it has no overlay",
                "Choose disk mode rw.");
  }
  if (sata && given.read_only) {
    throw Error(ErrorCode::precondition, disk.path + " can't be read-only on SATA: ATA has no such disk",
                "Use an image whose profile has disk_bus: virtio-scsi, or choose disk mode rw.");
  }
}

void require_room(const GuestSpec& spec) {
  const auto most = spec.profile.disk_bus == DiskBus::sata ? most_sata_disks : most_scsi_disks;
  if (spec.disks.size() <= most) return;
  throw Error(ErrorCode::precondition,
              "the server has " + std::to_string(spec.disks.size()) +
                  " disks to pass through, and the guest can have " + std::to_string(most) + " on " +
                  std::string(name_of(spec.profile.disk_bus)),
              "Name those that the rescue needs in disks.only.");
}

/// libvirt requires the prefix "ua-" for a name that it did not choose.
std::string alias_of(const Disk& disk) {
  std::string alias = "ua-";
  for (const char c : disk.path) alias += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  return alias;
}

void add_controllers(pugi::xml_node devices, const GuestSpec& spec) {
  if (spec.profile.disk_bus == DiskBus::virtio_scsi) {
    auto controller = add(devices, "controller", {{"type", "scsi"}, {"index", "0"}, {"model", "virtio-scsi"}});
    add(controller, "driver", {{"queues", std::to_string(std::clamp(spec.vcpus, 1U, scsi_queues))}, {"iothread", "1"}});
    return;
  }
  const std::size_t controllers = spec.disks.size() / sata_ports + 1;  // plus one disk: the system disk
  for (std::size_t index = 0; index < controllers; ++index) {
    add(devices, "controller", {{"type", "sata"}, {"index", std::to_string(index)}});
  }
}

/// Gives each SCSI disk its own target: a target reset by Windows then affects only the disk that hangs.
void add_address(pugi::xml_node disk, DiskBus bus, std::size_t index) {
  const bool scsi = bus == DiskBus::virtio_scsi;
  add(disk, "address",
      {{"type", "drive"},
       {"controller", std::to_string(scsi ? 0 : index / sata_ports)},
       {"bus", "0"},
       {"target", std::to_string(scsi ? index : 0)},
       {"unit", std::to_string(scsi ? 0 : index % sata_ports)}});
}

/// cache=unsafe: the overlay is thrown away, so flushing it would waste time (and tmpfs has no O_DIRECT). QEMU pauses
/// the guest on every error, also of a write: a write of a part of a cluster reads the rest of it from the image.
void add_system_disk(pugi::xml_node devices, const GuestSpec& spec) {
  auto disk = add(devices, "disk", {{"type", "file"}, {"device", "disk"}, {"snapshot", "no"}});
  add(disk, "driver",
      {{"name", "qemu"},
       {"type", "qcow2"},
       {"cache", "unsafe"},
       {"error_policy", "stop"},
       {"rerror_policy", "stop"},
       {"discard", "unmap"}});
  add(disk, "source", {{"file", spec.system_disk}});
  const bool scsi = spec.profile.disk_bus == DiskBus::virtio_scsi;
  add(disk, "target", {{"dev", target_name(0)}, {"bus", scsi ? "scsi" : "sata"}});
  add_text(disk, "serial", "RESCUE-SYSTEM");
  add(disk, "boot", {{"order", "1"}});
  add_address(disk, spec.profile.disk_bus, 0);
}

/// libvirt accepts WWN, vendor and product on SCSI only.
void add_identity(pugi::xml_node node, const Disk& disk, const std::string& serial, DiskBus bus, bool wwn_is_unique) {
  if (!serial.empty()) add_text(node, "serial", serial_for_libvirt(serial));
  if (serial_for_libvirt(serial) != serial) add(node, "alias", {{"name", alias_of(disk)}});
  if (bus != DiskBus::virtio_scsi) return;
  if (const auto wwn = wwn_of(disk); !wwn.empty() && wwn_is_unique) add_text(node, "wwn", wwn);
  if (const auto vendor = inquiry_field(disk.vendor, 8); !vendor.empty()) add_text(node, "vendor", vendor);
  if (const auto product = inquiry_field(disk.model, 16); !product.empty()) add_text(node, "product", product);
}

/// Named here, since the file's own header has been in the hands of a guest's QEMU.
void add_backing(pugi::xml_node node, const Disk& disk) {
  auto backing = add(node, "backingStore", {{"type", "block"}});
  add(backing, "format", {{"type", "raw"}});
  add(backing, "source", {{"dev", disk.path}});
  add(backing, "backingStore");
}

void add_server_disk(pugi::xml_node devices, const GuestSpec& spec, const GuestDisk& given, std::size_t index,
                     const std::string& serial, bool wwn_is_unique) {
  const bool scsi = spec.profile.disk_bus == DiskBus::virtio_scsi;
  const auto& disk = given.disk;
  const bool itself = given.source == disk.path;
  auto node = add(devices, "disk", {{"type", itself ? "block" : "file"}, {"device", "disk"}, {"snapshot", "no"}});
  add(node, "driver",
      {{"name", "qemu"},
       {"type", std::string(name_of(given.format))},
       {"cache", std::string(name_of(given.cache))},
       // A full overlay pauses the guest; a disk's own error is the guest's.
       {"error_policy", itself ? "report" : "enospace"},
       {"rerror_policy", "report"},
       {"io", given.cache == domain::DiskCache::none ? "native" : "threads"},
       {"discard", given.discard ? "unmap" : "ignore"},
       {"detect_zeroes", "off"}});
  // The kernel's own name, never a link: udev points a link to the last disk that claimed it.
  add(node, "source", {{itself ? "dev" : "file", given.source}});
  if (!itself) add_backing(node, disk);
  add(node, "blockio",
      {{"logical_block_size", std::to_string(disk.logical_block_size)},
       {"physical_block_size", std::to_string(std::max(disk.physical_block_size, disk.logical_block_size))}});
  auto target = add(node, "target", {{"dev", target_name(index)}, {"bus", scsi ? "scsi" : "sata"}});
  // 1: does not rotate (SPC, ATA8). The speed of a rotating disk is unknown: no value is set.
  if (!disk.rotational) target.append_attribute("rotation_rate").set_value("1");
  if (given.read_only) add(node, "readonly");
  add_identity(node, disk, serial, spec.profile.disk_bus, wwn_is_unique);
  add_address(node, spec.profile.disk_bus, index);
}

}  // namespace

void add_storage(pugi::xml_node devices, const GuestSpec& spec) {
  for (const auto& given : spec.disks) require_presentable(given, spec);
  require_room(spec);
  // libvirt refuses a domain in which two disks have one WWN (two paths to a LUN, cheap USB bridges).
  const auto serials = guest_serials(hardware_of(spec.disks), spec.profile.disk_bus);
  std::map<std::string, int> wwn_uses;
  for (const auto& given : spec.disks) ++wwn_uses[wwn_of(given.disk)];
  add_controllers(devices, spec);
  add_system_disk(devices, spec);
  for (std::size_t index = 0; index < spec.disks.size(); ++index) {
    const auto& given = spec.disks[index];
    add_server_disk(devices, spec, given, index + 1, serials[index], wwn_uses[wwn_of(given.disk)] == 1);
  }
}

void add_serial_overrides(pugi::xml_node root, const GuestSpec& spec) {
  const auto serials = guest_serials(hardware_of(spec.disks), spec.profile.disk_bus);
  pugi::xml_node override;
  for (std::size_t index = 0; index < spec.disks.size(); ++index) {
    if (serial_for_libvirt(serials[index]) == serials[index]) continue;
    if (!override) override = add(root, "qemu:override");
    auto device = add(override, "qemu:device", {{"alias", alias_of(spec.disks[index].disk)}});
    add(add(device, "qemu:frontend"), "qemu:property",
        {{"name", "serial"}, {"type", "string"}, {"value", serials[index]}});
  }
}

}  // namespace rescue::libvirt
