// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Changes by a session, in words: the difference of two snapshots. Pure functions.

#include "core/words.hpp"
#include "orchestrator/domain/disk_snapshot.hpp"

#include <string>
#include <vector>

namespace rescue::domain {

enum class ChangeCode {
  disk_id,
  table_kind,
  partition_added,
  partition_removed,
  partition_changed,  ///< place, size, type, name, active flag
  partition_id,       ///< GPT's GUID of the partition
  table_bytes,        ///< bytes of a partition table or of its boot code that no other change names
  table_copy_lost,    ///< one of the two copies of a GPT is gone
  filesystem,         ///< formatted, encrypted, decrypted
  boot_sector,
  dynamic_disk,  ///< database of dynamic disks
  file_added,
  file_removed,
  file_changed,
  boot_configuration,  ///< it was created, removed, damaged or repaired
  boot_entry_added,
  boot_entry_removed,
  boot_entry_changed,
  firmware,
};
constexpr auto words_of(ChangeCode) {
  return words<ChangeCode>("disk-id-changed", "partition-table-changed", "partition-added", "partition-removed",
                           "partition-changed", "partition-id-changed", "table-bytes-changed", "table-copy-lost",
                           "file-system-changed", "boot-sector-changed", "dynamic-disk-changed", "file-added",
                           "file-removed", "file-changed", "boot-configuration-changed", "boot-entry-added",
                           "boot-entry-removed", "boot-entry-changed", "firmware-changed");
}

struct Change {
  ChangeCode code{};
  std::string disk;        ///< "/dev/sda"; empty: of no disk
  unsigned partition = 0;  ///< 0: of no partition
  std::string text;        ///< for people, without the disk and the partition

  friend bool operator==(const Change&, const Change&) = default;
};

/// Bounded: texts of 600 bytes, 200 changes and 40 unknowns at most.
struct SessionReport {
  std::vector<Change> changes;
  std::vector<std::string> unknown;  ///< what could not be compared, and why
  std::size_t left_out = 0;          ///< changes beyond the limit

  void add(Change change);
  void add_unknown(std::string text);

  friend bool operator==(const SessionReport&, const SessionReport&) = default;
};

/// Adds what differs between two snapshots of the same disk. One that could not be taken is an unknown.
void compare(const DiskSnapshot& before, const DiskSnapshot& after, SessionReport& report);
/// Adds what differs between two lists of disks, matched by their paths.
void compare(const std::vector<DiskSnapshot>& before, const std::vector<DiskSnapshot>& after, SessionReport& report);
void compare(const FirmwareSnapshot& before, const FirmwareSnapshot& after, SessionReport& report);

using rescue::name_of;

}  // namespace rescue::domain
