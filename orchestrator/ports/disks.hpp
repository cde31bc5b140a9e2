// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ports for the server's disks: finding them, holding them exclusively, and looking into them.

#include "orchestrator/domain/disk.hpp"
#include "orchestrator/domain/disk_health.hpp"
#include "orchestrator/domain/findings.hpp"

#include <cstdint>
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

/// Overlays: files that take what a guest writes to a disk, so that the disk stays as it is until somebody decides.
class DiskOverlays {
public:
  virtual ~DiskOverlays() = default;
  /// Makes an empty overlay over the disk at `path`; replaces an older one. Creates the folder, in which nothing else
  /// is. Throws `io`, `subprocess`.
  virtual void create(const domain::Disk& disk, const std::string& path) = 0;
  /// Bytes that the overlay takes; 0 if there is none.
  [[nodiscard]] virtual std::uint64_t size_of(const std::string& path) = 0;
  /// Throws `disk` if the overlay is not one that `create` has made for this disk.
  virtual void require_intact(const domain::Disk& disk, const std::string& path) = 0;
  /// Writes what the overlay holds to its disk, flushes the disk, and removes the overlay. Only without a guest. If it
  /// is interrupted or throws, the overlay is complete, and the disk may be half written: it must be repeated. Does
  /// nothing if there is no overlay. Blocks for as long as the disk takes. Throws what
  /// `require_intact` throws, `disk`, and `subprocess` if it could not begin.
  virtual void commit(const domain::Disk& disk, const std::string& path) = 0;
  /// Removes the overlay, and with it what the guest has written; and its folder if that is empty. Idempotent.
  virtual void discard(const std::string& path) = 0;
};

class DiskInspector {
public:
  virtual ~DiskInspector() = default;
  /// Finds what is on each disk, in their order; of one that can't be inspected the reason. Reads only. Nobody may
  /// write to the disks meanwhile, or the facts are of no time. Blocks for some 100 ms, and up to a minute for a slow
  /// disk.
  [[nodiscard]] virtual std::vector<domain::InspectedDisk> inspect(const std::vector<domain::Disk>& disks) = 0;
};

class DiskHealthReader {
public:
  virtual ~DiskHealthReader() = default;
  /// Asks each disk how it is, in their order; of one that does not say the reason. Changes nothing, also while a guest
  /// uses the disks. Blocks for some 10 ms, and for the reader's limit if a disk does not answer. Throws nothing but
  /// std::bad_alloc.
  [[nodiscard]] virtual std::vector<domain::DiskHealth> read(const std::vector<domain::Disk>& disks) = 0;
};

}  // namespace rescue::ports
