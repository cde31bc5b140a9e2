// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ports for what a session changed: recording disks and firmware, and keeping the record while the guest runs.

#include "core/clock.hpp"
#include "orchestrator/domain/disk.hpp"
#include "orchestrator/domain/disk_snapshot.hpp"

#include <optional>
#include <vector>

namespace rescue::ports {

class DiskRecorder {
public:
  virtual ~DiskRecorder() = default;
  /// Records each disk, in their order; of one that can't be recorded the reason. Reads only. Nobody may write to the
  /// disks meanwhile. Blocks for some 100 ms, and for 15 s if a disk is that slow. Throws std::bad_alloc only.
  [[nodiscard]] virtual std::vector<domain::DiskSnapshot> record(const std::vector<domain::Disk>& disks) = 0;
};

class FirmwareRecorder {
public:
  virtual ~FirmwareRecorder() = default;
  /// Records the boot entries and the state of Secure Boot. Reads only. Empty without EFI. Blocks for some ms.
  [[nodiscard]] virtual domain::FirmwareSnapshot record() = 0;
};

/// Keeps the snapshot of the last session across a crash.
class SnapshotStore {
public:
  virtual ~SnapshotStore() = default;
  /// Durable and atomic; replaces that of another session. Throws `io`.
  virtual void save(const domain::ServerSnapshot& snapshot) = 0;
  /// None if the last one is of another session. Throws `io` if it can't be read.
  [[nodiscard]] virtual std::optional<domain::ServerSnapshot> load(const std::string& session) = 0;
};

}  // namespace rescue::ports
