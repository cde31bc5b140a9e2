// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/block_devices.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>

namespace rescue::linux {
namespace {

template <class Number>
Number number_in(const std::string& path, Number fallback) {
  const auto text = read_attribute(path);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? value : fallback;
}

/// sysfs writes the slash of a device name as "!".
std::string device_name(std::string entry) {
  std::replace(entry.begin(), entry.end(), '!', '/');
  return entry;
}

std::vector<std::string> device_names(const std::string& folder) {
  auto names = folder_entries(folder);
  std::transform(names.begin(), names.end(), names.begin(), device_name);
  return names;
}

bool has_part(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_optical(const std::string& name, const std::string& folder) {
  constexpr std::string_view scsi_cd_rom = "5";  // SPC peripheral device type
  return name.starts_with("sr") || name.starts_with("fd") || read_attribute(folder + "/device/type") == scsi_cd_rom;
}

/// Removes the kernel's suffix for a file that was removed while in use.
std::string backing_of(const std::string& folder) {
  constexpr std::string_view removed = " (deleted)";
  auto backing = read_attribute(folder + "/loop/backing_file");
  if (backing.empty()) backing = read_attribute(folder + "/backing_dev");  // zram's
  if (backing.ends_with(removed)) backing.resize(backing.size() - removed.size());
  return backing.starts_with('/') ? backing : std::string();
}

bool has_host_managed_zones(const std::string& folder) {
  constexpr std::string_view zoned_block_commands = "20";  // SPC peripheral device type of ZBC host-managed disks
  return read_attribute(folder + "/queue/zoned") == "host-managed" ||
         read_attribute(folder + "/device/type") == zoned_block_commands;
}

std::string first_attribute(const std::string& one, const std::string& other) {
  auto text = read_attribute(one);
  return text.empty() ? read_attribute(other) : text;
}

std::vector<Partition> partitions_of(const std::string& folder) {
  std::vector<Partition> partitions;
  for (const auto& entry : folder_entries(folder)) {
    const auto partition = fmt::format("{}/{}", folder, entry);
    if (read_attribute(partition + "/partition").empty()) continue;
    partitions.push_back(
        {device_name(entry), read_attribute(partition + "/dev"), device_names(partition + "/holders")});
  }
  return partitions;
}

BlockDevice device_from(const std::string& entry, const std::string& folder) {
  constexpr std::uint64_t sector = 512;  // unit of sysfs' size, independent of the disk's sectors
  BlockDevice device;
  device.name = device_name(entry);
  device.device = read_attribute(folder + "/dev");
  std::error_code ignored;
  device.sysfs_path = std::filesystem::canonical(folder, ignored).string();
  device.size_bytes = number_in<std::uint64_t>(folder + "/size", 0) * sector;
  device.logical_block_size = number_in(folder + "/queue/logical_block_size", 512U);
  device.physical_block_size = number_in(folder + "/queue/physical_block_size", device.logical_block_size);
  device.rotational = read_attribute(folder + "/queue/rotational") == "1";
  device.read_only = read_attribute(folder + "/ro") == "1";
  device.is_virtual = device.sysfs_path.find("/devices/virtual/block/") != std::string::npos;
  device.is_optical = is_optical(device.name, folder);
  device.state = read_attribute(folder + "/device/state");
  device.host_managed_zones = has_host_managed_zones(folder);
  device.wwid = first_attribute(folder + "/wwid", folder + "/device/wwid");
  device.label = read_attribute(folder + "/dm/name");
  device.backing = backing_of(folder);
  device.holders = device_names(folder + "/holders");
  device.slaves = device_names(folder + "/slaves");
  device.partitions = partitions_of(folder);
  return device;
}

}  // namespace

bool BlockDevice::is_firmware_storage() const {
  if (name.starts_with("mtdblock") || name.starts_with("ubiblock") || has_part(sysfs_path, "/mtd/")) return true;
  return name.starts_with("mmcblk") && (has_part(name, "boot") || has_part(name, "rpmb"));
}

std::string read_raw_attribute(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::string content(4096, '\0');
  const auto count = ::read(file.get(), content.data(), content.size());
  content.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return content;
}

std::string read_attribute(const std::string& path) {
  const auto content = read_raw_attribute(path);
  constexpr std::string_view white(" \t\r\n\0", 5);
  const auto begin = content.find_first_not_of(white);
  if (begin == std::string::npos) return {};
  return content.substr(begin, content.find_last_not_of(white) - begin + 1);
}

std::vector<std::string> folder_entries(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

BlockDevices BlockDevices::read(const std::string& sysfs_root) {
  const auto block = sysfs_root + "/block";
  if (!std::filesystem::is_directory(block)) {
    throw Error(ErrorCode::io, "no block devices can be seen: " + block + " is not there", "Mount sysfs on /sys.");
  }
  BlockDevices found;
  for (const auto& entry : folder_entries(block)) {
    const auto folder = fmt::format("{}/{}", block, entry);
    // A hidden device is one path of a multipath NVMe namespace: it has no device node, and its head is listed.
    if (read_attribute(folder + "/hidden") == "1") continue;
    auto device = device_from(entry, folder);
    if (!device.device.empty()) found.devices_.push_back(std::move(device));
  }
  return found;
}

const BlockDevice* BlockDevices::whole_of(std::string_view device) const {
  for (const auto& whole : devices_) {
    if (whole.device == device) return &whole;
    for (const auto& partition : whole.partitions) {
      if (partition.device == device) return &whole;
    }
  }
  return nullptr;
}

std::string BlockDevices::device_of(std::string_view name) const {
  for (const auto& whole : devices_) {
    if (whole.name == name) return whole.device;
    for (const auto& partition : whole.partitions) {
      if (partition.name == name) return partition.device;
    }
  }
  return {};
}

std::string BlockDevices::display_name(std::string_view device) const {
  const auto* whole = whole_of(device);
  if (whole == nullptr) return "device " + std::string(device);
  for (const auto& partition : whole->partitions) {
    if (partition.device == device) return "/dev/" + partition.name;
  }
  return whole->label.empty() ? whole->path() : whole->path() + " (" + whole->label + ")";
}

}  // namespace rescue::linux
