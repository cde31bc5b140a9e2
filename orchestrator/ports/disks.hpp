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
  /// no error; a holder with other disks is replaced. Throws `disk` that names the disk and who has it, nothing held.
  virtual void claim(const std::vector<domain::Disk>& disks) = 0;
  /// The paths that are held now; empty when nothing is.
  [[nodiscard]] virtual std::vector<std::string> held() = 0;
  /// Flushes the disks and lets go of them. Idempotent.
  virtual void release() = 0;
};

}  // namespace rescue::ports
