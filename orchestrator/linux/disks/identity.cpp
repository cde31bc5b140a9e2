// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/identity.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <utility>

namespace rescue::linux {
namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

unsigned byte_at(std::string_view bytes, std::size_t index) { return static_cast<unsigned char>(bytes[index]); }

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    text += digits[byte_at(bytes, index) >> 4];
    text += digits[byte_at(bytes, index) & 15];
  }
  return text;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// Body of a VPD page, after its 4-byte header. The header's last two bytes are the length, big-endian.
std::string_view vpd_body(std::string_view page, unsigned code) {
  constexpr std::size_t header = 4;
  if (page.size() < header || byte_at(page, 1) != code) return {};
  const std::size_t length = (byte_at(page, 2) << 8) | byte_at(page, 3);
  return page.substr(header, length);
}

constexpr unsigned eui64 = 2;  // designator types of VPD page 0x83
constexpr unsigned naa = 3;

/// Order of preference like the kernel's and udev's: an array may list its own NAA (8 bytes) before the LUN's
/// registered extended NAA (16 bytes). A locally assigned one comes last. 0: another kind.
unsigned rank_of_designator(unsigned type, std::string_view designator) {
  constexpr unsigned locally_assigned = 3;
  constexpr unsigned registered_extended = 6;
  if (designator.empty()) return 0;
  if (type == eui64) return 2;
  if (type != naa) return 0;
  const unsigned kind = byte_at(designator, 0) >> 4;
  if (kind == locally_assigned) return 1;
  return kind == registered_extended ? 4 : 3;
}

/// The bus, from the path under /sys/devices. The order matters: a USB disk is on PCI too.
std::string transport_of(const BlockDevice& device) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> marks{{
      {"/nvme", "nvme"},
      {"/usb", "usb"},
      {"/mmc", "mmc"},
      {"/session", "iscsi"},
      {"/rport-", "fc"},
      {"/end_device-", "sas"},
      {"/ata", "sata"},
      {"/host", "scsi"},
      {"/virtio", "virtio"},
  }};
  if (device.is_virtual) return device.name.substr(0, device.name.find_first_of("0123456789-"));
  for (const auto& [mark, transport] : marks) {
    if (has(device.sysfs_path, mark)) return std::string(transport);
  }
  return "other";
}

/// USB keeps the serial at the device, some folders above the disk.
std::string usb_serial(std::string path) {
  while (has(path, "/usb")) {
    if (auto serial = read_attribute(path + "/serial"); !serial.empty()) return serial;
    path.resize(path.rfind('/'));
  }
  return {};
}

/// "uuid." and 32 digits in five groups, not all zero: the names of NVMe namespaces with several ports.
bool is_uuid_wwid(std::string_view wwid) {
  constexpr std::string_view prefix = "uuid.";
  constexpr std::string_view shape = "00000000-0000-0000-0000-000000000000";
  if (!wwid.starts_with(prefix) || wwid.size() != prefix.size() + shape.size()) return false;
  const auto uuid = wwid.substr(prefix.size());
  for (std::size_t index = 0; index < shape.size(); ++index) {
    const bool fits = shape[index] == '-' ? uuid[index] == '-' : is_hex(uuid.substr(index, 1));
    if (!fits) return false;
  }
  return uuid != shape;
}

/// 1: the link names model and serial, which people recognise; 2: a number; 0: not about the hardware.
int rank(std::string_view link) {
  constexpr std::string_view folder = "/dev/disk/by-id/";
  if (!link.starts_with(folder)) return 0;
  link.remove_prefix(folder.size());
  for (const auto* prefix : {"wwn-", "nvme-eui.", "nvme-nvme.", "nvme-uuid.", "scsi-3", "scsi-2"}) {
    if (link.starts_with(prefix)) return 2;
  }
  for (const auto* prefix : {"ata-", "scsi-", "nvme-", "usb-", "virtio-", "mmc-"}) {
    if (link.starts_with(prefix)) return 1;
  }
  return 0;
}

std::string first_of(std::initializer_list<std::string> candidates) {
  for (const auto& candidate : candidates) {
    if (auto text = printable(candidate); !text.empty()) return text;
  }
  return {};
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean;
  for (const unsigned char c : text) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && (clean.empty() || clean.back() == ' ')) continue;
    if (blank) clean += ' ';
    if (c > ' ' && c < 0x7f) clean += static_cast<char>(c);
  }
  if (clean.ends_with(' ')) clean.pop_back();
  return clean;
}

std::string wwn_from_wwid(std::string_view wwid) {
  constexpr std::size_t prefix = 4;
  if (is_uuid_wwid(wwid)) return std::string(wwid);
  const auto number = wwid.size() > prefix ? wwid.substr(prefix) : std::string_view();
  if (number.empty() || !is_hex(number)) return {};
  // Enclosures and cheap bridges answer with zeros, which would merge all their disks into one.
  if (number.find_first_not_of('0') == std::string_view::npos) return {};
  if (wwid.starts_with("naa.")) return "0x" + std::string(number);
  return wwid.starts_with("eui.") ? std::string(wwid) : std::string();
}

std::string serial_from_vpd80(std::string_view page) { return printable(vpd_body(page, 0x80)); }

std::string wwn_from_vpd83(std::string_view page) {
  constexpr std::size_t header = 4;
  std::string wwn;
  unsigned best = 0;
  for (auto rest = vpd_body(page, 0x83); rest.size() >= header;) {
    const std::size_t length = byte_at(rest, 3);
    if (length > rest.size() - header) break;
    const auto designator = rest.substr(header, length);
    const bool of_logical_unit = ((byte_at(rest, 1) >> 4) & 3) == 0;
    const bool binary = (byte_at(rest, 0) & 15) == 1;
    const auto rank = of_logical_unit && binary ? rank_of_designator(byte_at(rest, 1) & 15, designator) : 0;
    if (rank > best) {
      const auto* prefix = (byte_at(rest, 1) & 15) == naa ? "naa." : "eui.";
      if (auto name = wwn_from_wwid(prefix + hex(designator)); !name.empty()) {
        wwn = std::move(name);
        best = rank;
      }
    }
    rest.remove_prefix(header + length);
  }
  return wwn;
}

Identity identity_from_sysfs(const BlockDevice& device) {
  Identity identity;
  identity.transport = transport_of(device);
  if (device.is_virtual) return identity;
  const auto& disk = device.sysfs_path;
  const auto hardware = disk + "/device";
  identity.serial =
      first_of({serial_from_vpd80(read_raw_attribute(hardware + "/vpd_pg80")), read_attribute(hardware + "/serial"),
                read_attribute(disk + "/serial"), identity.transport == "usb" ? usb_serial(disk) : std::string()});
  identity.wwn =
      first_of({wwn_from_vpd83(read_raw_attribute(hardware + "/vpd_pg83")),
                wwn_from_wwid(read_attribute(hardware + "/wwid")), wwn_from_wwid(read_attribute(disk + "/wwid"))});
  // PCI and virtio devices have an attribute "vendor" too: a hexadecimal number, not a name.
  if (auto vendor = printable(read_attribute(hardware + "/vendor")); !vendor.starts_with("0x")) {
    identity.vendor = std::move(vendor);
  }
  identity.model = first_of({read_attribute(hardware + "/model"), read_attribute(hardware + "/name")});
  return identity;
}

std::vector<std::string> stable_links(const std::vector<std::string>& links) {
  std::vector<std::string> found;
  std::copy_if(links.begin(), links.end(), std::back_inserter(found), [](const auto& link) { return rank(link) > 0; });
  std::sort(found.begin(), found.end(), [](const std::string& left, const std::string& right) {
    return rank(left) != rank(right) ? rank(left) < rank(right) : left < right;
  });
  return found;
}

bool is_firmware_raid(std::string_view content) {
  // Without linux_raid_member: neither the firmware nor Windows in the guest knows it.
  return content.ends_with("_raid_member") && content != "linux_raid_member";
}

bool is_virtual_medium(const Identity& identity) {
  if (identity.content_label == "OEMDRV") return true;  // drivers for an installer, from the firmware or the BMC
  if (identity.transport != "usb") return false;
  const auto vendor = lower_case(identity.vendor);
  const auto model = lower_case(identity.model);
  for (const auto* bmc : {"idrac", "ilo", "hp ilo", "imm", "xcc", "openbmc", "aten"}) {
    if (vendor == bmc) return true;
  }
  // "AMI Virtual Floppy0", "Avocent Virtual Disk", "Cisco vKVM-Mapped vFDD", "iDRAC OEMDRV", "Linux File-Stor Gadget"
  for (const auto* part : {"virtual", "-mapped", "oemdrv", "lcdrive", "secupd", "file-stor gadget"}) {
    if (has(model, part) || has(vendor, part)) return true;
  }
  return false;
}

Identity merged(Identity sysfs, const Identity& udev) {
  if (sysfs.serial.empty()) sysfs.serial = udev.serial;
  if (sysfs.wwn.empty()) sysfs.wwn = udev.wwn;
  if (sysfs.vendor.empty()) sysfs.vendor = udev.vendor;
  if (udev.model.starts_with(sysfs.model)) sysfs.model = udev.model;
  sysfs.links = udev.links;
  sysfs.content = udev.content;
  sysfs.content_label = udev.content_label;
  return sysfs;
}

}  // namespace rescue::linux
