// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/identity.hpp"

#include <algorithm>
#include <array>
#include <cctype>
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

/// The body of a VPD page: four bytes of header, whose last two are the length, big-endian.
std::string_view vpd_body(std::string_view page, unsigned code) {
  constexpr std::size_t header = 4;
  if (page.size() < header || byte_at(page, 1) != code) return {};
  const std::size_t length = (byte_at(page, 2) << 8) | byte_at(page, 3);
  return page.substr(header, length);
}

/// The bus, read off the path under /sys/devices; the order matters, since a USB disk is on PCI too.
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
  const auto number = wwid.size() > prefix ? wwid.substr(prefix) : std::string_view();
  if (number.empty() || !is_hex(number)) return {};
  // Enclosures and cheap bridges answer with zeros, which would make all their disks the same.
  if (number.find_first_not_of('0') == std::string_view::npos) return {};
  if (wwid.starts_with("naa.")) return "0x" + std::string(number);
  return wwid.starts_with("eui.") ? std::string(wwid) : std::string();
}

std::string serial_from_vpd80(std::string_view page) { return printable(vpd_body(page, 0x80)); }

std::string wwn_from_vpd83(std::string_view page) {
  constexpr unsigned eui64 = 2;
  constexpr unsigned naa = 3;
  constexpr std::size_t header = 4;
  std::string eui;
  for (auto rest = vpd_body(page, 0x83); rest.size() >= header;) {
    const std::size_t length = byte_at(rest, 3);
    if (length > rest.size() - header) break;
    const auto designator = rest.substr(header, length);
    const bool of_logical_unit = ((byte_at(rest, 1) >> 4) & 3) == 0;
    const bool binary = (byte_at(rest, 0) & 15) == 1;
    const unsigned type = byte_at(rest, 1) & 15;
    if (of_logical_unit && binary && type == naa) {
      if (auto wwn = wwn_from_wwid("naa." + hex(designator)); !wwn.empty()) return wwn;
    }
    if (of_logical_unit && binary && type == eui64 && eui.empty()) eui = wwn_from_wwid("eui." + hex(designator));
    rest.remove_prefix(header + length);
  }
  return eui;
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
  // PCI and virtio devices have an attribute "vendor" too: a number in hexadecimal, no name.
  if (auto vendor = printable(read_attribute(hardware + "/vendor")); !vendor.starts_with("0x")) {
    identity.vendor = std::move(vendor);
  }
  identity.model = first_of({read_attribute(hardware + "/model"), read_attribute(hardware + "/name")});
  return identity;
}

Identity merged(Identity sysfs, const Identity& udev) {
  if (sysfs.serial.empty()) sysfs.serial = udev.serial;
  if (sysfs.wwn.empty()) sysfs.wwn = udev.wwn;
  if (sysfs.vendor.empty()) sysfs.vendor = udev.vendor;
  if (udev.model.starts_with(sysfs.model)) sysfs.model = udev.model;
  sysfs.stable_path = udev.stable_path;
  return sysfs;
}

}  // namespace rescue::linux
