// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/boot_files.hpp"

#include "core/disk/little_endian.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "orchestrator/windows/guid.hpp"
#include "orchestrator/windows/registry_values.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace rescue::windows_disk {
namespace {

using domain::BootDevice;
using domain::BootEntry;
using domain::BootFiles;
using domain::BootStore;

constexpr std::uint64_t largest_store = 16U << 20U;
constexpr std::uint64_t largest_manager = 16U << 20U;
constexpr std::size_t most_entries = 32;
/// The boot manager's object, of the same name everywhere ("BCD Objects", Microsoft).
const std::string manager_object = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";

/// Elements of an object: those that matter here ("BCD Elements", Microsoft).
constexpr const char* application_device = "11000001";
constexpr const char* application_path = "12000002";
constexpr const char* description = "12000004";
constexpr const char* os_device = "21000001";
constexpr const char* system_root = "22000002";
constexpr const char* default_object = "23000003";

std::string element(const disk::Hive& store, const std::string& object, const char* type) {
  return text_in(store.values_of(fmt::format("Objects\\{}\\Elements\\{}", object, type)), "Element");
}

/// Type of an object: 0x10200003 is a Windows loader.
bool is_loader(const disk::Hive& store, const std::string& object) {
  constexpr std::uint64_t windows_loader = 0x10200003;
  return number_in(store.values_of(fmt::format("Objects\\{}\\Description", object)), "Type") == windows_loader;
}

void read_store(const std::optional<std::string>& bytes, const std::string& scratch, BootFiles& files) {
  if (!bytes) return;
  files.store_dirty = disk::is_dirty_hive(*bytes);
  auto copy = hive_file_with(*bytes, scratch);
  try {
    files.entries = boot_entries(disk::Hive(std::move(copy)));
    files.store = BootStore::good;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;  // no fault of the store
    files.store = BootStore::damaged;
  }
}

}  // namespace

disk::HiveFile hive_file_with(const std::string& bytes, const std::string& scratch) {
  disk::HiveFile file(scratch);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const auto count = ::write(file.descriptor(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw system_error("cannot copy a boot configuration", errno);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

BootDevice boot_device(const std::string& hex) {
  // Not documented by Microsoft; by the elements that bcdedit writes: type at 0x10, for a partition its GUID or start
  // at 0x20, the style of the table at 0x34, the disk's GUID or signature at 0x38.
  constexpr std::size_t smallest = 0x48;
  constexpr std::uint32_t boot = 5;
  constexpr std::uint32_t partition = 6;
  const auto bytes = bytes_of(hex);
  BootDevice device;
  if (bytes.size() < 0x14) return device;
  const auto type = disk::number_at<std::uint32_t>(bytes, 0x10);
  device.boot = type == boot;
  device.known = device.boot;
  if (type != partition || bytes.size() < smallest) return device;
  const auto style = disk::number_at<std::uint32_t>(bytes, 0x34);
  device.known = style <= 1;
  if (!device.known) return device;
  if (style == 0) {
    device.partition_id = guid_of(bytes, 0x20);
    device.disk_id = guid_of(bytes, 0x38);
  } else {
    device.partition_start = disk::number_at<std::uint64_t>(bytes, 0x20);
    device.disk_id = fmt::format("{:08x}", disk::number_at<std::uint32_t>(bytes, 0x38));
  }
  return device;
}

std::vector<BootEntry> boot_entries(const disk::Hive& store) {
  const auto preferred = lower_case(element(store, manager_object, default_object));
  std::vector<BootEntry> entries;
  for (const auto& object : store.keys_below("Objects")) {
    if (entries.size() >= most_entries || !is_loader(store, object)) continue;
    BootEntry entry;
    entry.id = lower_case(object);
    entry.description = element(store, object, description);
    entry.path = element(store, object, application_path);
    entry.folder = element(store, object, system_root);
    entry.device = boot_device(element(store, object, application_device));
    entry.os_device = boot_device(element(store, object, os_device));
    entry.is_default = entry.id == preferred;
    entries.push_back(std::move(entry));
  }
  std::stable_partition(entries.begin(), entries.end(), [](const BootEntry& entry) { return entry.is_default; });
  return entries;
}

BootFiles boot_files(unsigned partition, bool uefi, const ReadFile& read, const std::string& scratch) {
  BootFiles files;
  files.partition = partition;
  files.uefi = uefi;
  const std::string manager = uefi ? "EFI/Microsoft/Boot/bootmgfw.efi" : "bootmgr";
  const auto program = read(manager, largest_manager);
  if (program && !program->empty()) files.manager = manager;
  if (uefi) files.fallback = read("EFI/Boot/bootx64.efi", largest_manager).has_value();
  read_store(read(uefi ? "EFI/Microsoft/Boot/BCD" : "Boot/BCD", largest_store), scratch, files);
  return files;
}

}  // namespace rescue::windows_disk
