// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The roles around the server's disks: finding them, and holding them against everybody else.

#include "orchestrator/domain/disk.hpp"

#include <string>
#include <vector>

namespace rescue::ports {

class DiskInventory {
public:
  virtual ~DiskInventory() = default;
  /// Every whole disk: usable, or excluded with its reason. Opens nothing outside `rules.only` when that is set.
  /// Throws `config_invalid` when a path of the rules names no whole disk.
  [[nodiscard]] virtual domain::DiskSurvey survey(const domain::DiskRules& rules) = 0;
};

class DiskClaims {
public:
  virtual ~DiskClaims() = default;
  /// Holds the disks exclusively (O_EXCL), in a process that outlives ours. Claiming what is already held by us is
  /// no error; a holder with other disks is replaced. What is held is compared with what was found: number, size and
  /// the hardware's own serial number and WWN. Throws `disk` that names the disk and who has it; nothing is held then
  /// but what was held before.
  virtual void claim(const std::vector<domain::Disk>& disks) = 0;
  /// Which of these can't be held, or no longer be used, each with its reason for people. What is held by us already
  /// need only answer. Opens each for a moment, read-only; a disk that hangs is one of the answers.
  [[nodiscard]] virtual std::vector<domain::ExcludedDisk> obstacles(const std::vector<domain::Disk>& disks) = 0;
  /// The paths that are held now; empty when nothing is.
  [[nodiscard]] virtual std::vector<std::string> held() = 0;
  /// Flushes the disks and lets go of them. Idempotent. Returns a line for each thing that went wrong with a disk: it
  /// keeps nobody from letting go of the others.
  [[nodiscard]] virtual std::vector<std::string> release() = 0;
};

}  // namespace rescue::ports
