// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/answer_disk.hpp"

#include "images/windows/answer_xml.hpp"

namespace rescue::windows {
namespace {

constexpr unsigned esp_mib = 260;  ///< the least that FAT32 needs with 4096-byte sectors
constexpr unsigned msr_mib = 16;

/// Creates a partition of a fixed size in MiB; 0: of what is left.
void add_creation(pugi::xml_node partitions, unsigned order, const char* type, unsigned mib) {
  auto partition = add_item(partitions, "CreatePartition");
  add_number(partition, "Order", order);
  add_text(partition, "Type", type);
  if (mib == 0) {
    add_flag(partition, "Extend", true);
  } else {
    add_number(partition, "Size", mib);
  }
}

pugi::xml_node add_change(pugi::xml_node partitions, unsigned order, unsigned id, const char* format,
                          const char* label) {
  auto partition = add_item(partitions, "ModifyPartition");
  add_number(partition, "Order", order);
  add_number(partition, "PartitionID", id);
  add_text(partition, "Format", format);
  add_text(partition, "Label", label);
  return partition;
}

void add_uefi_partitions(pugi::xml_node disk) {
  auto created = add(disk, "CreatePartitions");
  add_creation(created, 1, "EFI", esp_mib);
  add_creation(created, 2, "MSR", msr_mib);
  add_creation(created, 3, "Primary", 0);
  auto changed = add(disk, "ModifyPartitions");
  add_change(changed, 1, 1, "FAT32", "System");
  auto windows = add_change(changed, 2, windows_partition(Firmware::uefi), "NTFS", "Windows");
  add_text(windows, "Letter", "C");
}

void add_bios_partitions(pugi::xml_node disk) {
  add_creation(add(disk, "CreatePartitions"), 1, "Primary", 0);
  auto windows = add_change(add(disk, "ModifyPartitions"), 1, windows_partition(Firmware::bios), "NTFS", "Windows");
  add_text(windows, "Letter", "C");
  add_flag(windows, "Active", true);
}

}  // namespace

unsigned windows_partition(Firmware firmware) { return firmware == Firmware::uefi ? 3 : 1; }

void add_disk_configuration(pugi::xml_node setup, Firmware firmware) {
  auto configuration = add(setup, "DiskConfiguration");
  auto disk = add_item(configuration, "Disk");
  add_number(disk, "DiskID", 0);
  add_flag(disk, "WillWipeDisk", true);
  if (firmware == Firmware::uefi) {
    add_uefi_partitions(disk);
  } else {
    add_bios_partitions(disk);
  }
  add_text(configuration, "WillShowUI", "OnError");
}

}  // namespace rescue::windows
