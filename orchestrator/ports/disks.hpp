// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ports for the server's disks: finding them, holding them exclusively, and looking into them.

#include "orchestrator/domain/disk.hpp"
#include "orchestrator/domain/findings.hpp"

#include <string>
#include <vector>

namespace rescue::ports {

class DiskInventory {
public:
  virtual ~DiskInventory() = default;
  /// Finds every whole disk: usable, or excluded with its reason. Opens nothing outside `rules.only` if that is set.
  /// Throws `config_invalid` if a path of the rules names no whole disk.
  [[nodiscard]] virtual domain::DiskSurvey survey(const domain::DiskRules& rules) = 0;
};

class DiskClaims {
public:
  virtual ~DiskClaims() = default;
  /// Holds the disks exclusively (O_EXCL), in a process that outlives ours. Does nothing if we hold them already;
  /// replaces a holder with other disks. Compares the held disks with those found: number, size and the hardware's
  /// serial number and WWN. Throws `disk` that names the disk and its holder; then only what was held before is held.
  virtual void claim(const std::vector<domain::Disk>& disks) = 0;
  /// Returns the disks that can't be held or no longer be used, each with its reason for people. A disk that we hold
  /// need only respond. Opens each for a moment, read-only; a disk that hangs is returned, too.
  [[nodiscard]] virtual std::vector<domain::ExcludedDisk> obstacles(const std::vector<domain::Disk>& disks) = 0;
  /// Paths that are held now; empty if none.
  [[nodiscard]] virtual std::vector<std::string> held() = 0;
  /// Flushes and releases the disks. Idempotent. Returns a line for each fault of a disk; the others are released all
  /// the same.
  [[nodiscard]] virtual std::vector<std::string> release() = 0;
};

class DiskInspector {
public:
  virtual ~DiskInspector() = default;
  /// Finds what is on each disk, in their order; of one that can't be inspected the reason. Reads only. Nobody may
  /// write to the disks meanwhile, or the facts are of no time. Blocks for some 100 ms, and up to a minute for a slow
  /// disk.
  [[nodiscard]] virtual std::vector<domain::InspectedDisk> inspect(const std::vector<domain::Disk>& disks) = 0;
};

}  // namespace rescue::ports
