// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Recorded disks for the tests of the inventory, in a copy that they may change.

#include "orchestrator/linux/disks/linux_disk_inventory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace rescue::linux {

/// Recorded on Debian 12's kernel in a QEMU machine with every kind of disk (tests/fixtures/disks/record).
inline constexpr const char* plain = "qemu-plain";          ///< nothing in use
inline constexpr const char* assembled = "qemu-assembled";  ///< md, multipath and LVM active, a mount, a swap area

class RecordedDisks : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    use(plain);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void use(const std::string& recording) {
    const auto root = std::string(RESCUE_DISK_FIXTURES) + "/" + recording;
    sources_.files = {root + "/sys", root + "/proc/mountinfo", "", root + "/proc/swaps"};
    sources_.resolve = [devices = BlockDevices::read(root + "/sys")](const std::string& path) {
      const auto device = path.starts_with("/dev/") ? devices.device_of(path.substr(5)) : std::string();
      return device.empty() ? ResolvedPath{} : ResolvedPath{ResolvedPath::Kind::block_device, device};
    };
    sources_.udev = [](const BlockDevice&) { return std::nullopt; };
  }
  /// Sets the device that a link of udev leads to.
  void link(const std::string& path, const std::string& device) {
    sources_.resolve = [path, device, others = sources_.resolve](const std::string& asked) {
      return asked == path ? ResolvedPath{ResolvedPath::Kind::block_device, device} : others(asked);
    };
  }
  /// Copies the recording, for tests that change it.
  void copy() {
    const auto copied = folder_ + "/recording";
    std::filesystem::remove_all(copied);
    std::filesystem::copy(std::filesystem::path(sources_.files.sysfs).parent_path(), copied,
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
    sources_.files = {copied + "/sys", copied + "/proc/mountinfo", "", copied + "/proc/swaps"};
  }
  /// Writes an attribute of a disk in the copy: "device/state".
  void set(const std::string& disk, const std::string& attribute, const std::string& value) {
    const std::filesystem::path path = sources_.files.sysfs + "/block/" + disk + "/" + attribute;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << value << '\n';
  }
  /// Sets the serial number of a SCSI disk in the copy.
  void set_serial(const std::string& disk, const std::string& serial) {
    const auto page = std::string("\0\x80\0", 3) + static_cast<char>(serial.size()) + serial;
    std::ofstream(sources_.files.sysfs + "/block/" + disk + "/device/vpd_pg80") << page;
  }
  /// Removes all attributes with its serial number from the copy.
  void remove_serial(const std::string& disk) {
    for (const auto* attribute : {"device/vpd_pg80", "device/serial", "serial"}) {
      std::filesystem::remove(sources_.files.sysfs + "/block/" + disk + "/" + attribute);
    }
  }
  /// Adds a SCSI disk to the copy that is identical to `disk`.
  void add_like(const std::string& disk, const std::string& name, const std::string& device) {
    namespace fs = std::filesystem;
    const auto block = sources_.files.sysfs + "/block/";
    const auto unit = fs::canonical(block + disk + "/device");
    const auto other = unit.parent_path() / (unit.filename().string() + "-" + name);
    fs::copy(unit, other, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    fs::rename(other / "block" / disk, other / "block" / name);
    fs::remove(other / "block" / name / "device");
    fs::create_directory_symlink(other, other / "block" / name / "device");
    fs::create_directory_symlink(other / "block" / name, block + name);
    set(name, "dev", device);
    link("/dev/" + name, device);
  }
  /// Adds a virtual device of the kernel to the copy.
  void add_virtual(const std::string& name, const std::string& device) {
    const auto folder = "/devices/virtual/block/" + name;
    std::filesystem::create_directories(sources_.files.sysfs + folder);
    if (!std::filesystem::is_symlink(sources_.files.sysfs + "/block/" + name)) {
      std::filesystem::create_symlink(".." + folder, sources_.files.sysfs + "/block/" + name);
    }
    set(name, "dev", device);
    set(name, "size", "2048");
    set(name, "ro", "0");
  }
  /// Sets udev's identity of a disk.
  void udev(const std::string& disk, const Identity& identity) {
    sources_.udev = [disk, identity, others = sources_.udev](const BlockDevice& device) {
      return device.name == disk ? std::optional(identity) : others(device);
    };
  }
  /// Replaces the recorded mounts.
  void mounts(const std::string& mountinfo) {
    sources_.files.mountinfo = folder_ + "/mountinfo";
    std::ofstream(sources_.files.mountinfo) << mountinfo;
  }
  [[nodiscard]] domain::DiskSurvey survey(const domain::DiskRules& rules = {}) {
    return LinuxDiskInventory(sources_).survey(rules);
  }
  /// "path reason: detail" of each excluded disk.
  [[nodiscard]] std::map<std::string, std::string> excluded(const domain::DiskRules& rules = {}) {
    std::map<std::string, std::string> lines;
    for (const auto& disk : survey(rules).excluded) {
      lines[disk.path] = fmt::format("{}: {}", domain::name_of(disk.reason), disk.detail);
    }
    return lines;
  }
  [[nodiscard]] std::vector<std::string> usable(const domain::DiskRules& rules = {}) {
    std::vector<std::string> paths;
    for (const auto& disk : survey(rules).usable) paths.push_back(disk.path);
    return paths;
  }

  InventorySources sources_;
  std::string folder_ = "/tmp/rescue-inventory.XXXXXX";
};

}  // namespace rescue::linux
