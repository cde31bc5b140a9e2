// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Overlays of the server's disks: qcow2 files of qemu-img.

#include "orchestrator/ports/disks.hpp"

namespace rescue::linux {

/// A guest's QEMU has written the file: its header counts as hostile. What it may name (its backing file, a data file)
/// is never followed.
class LinuxDiskOverlays final : public ports::DiskOverlays {
public:
  /// Blocks for some 10 ms. The folder gets mode 0711: QEMU's user opens the file by its name.
  void create(const domain::Disk& disk, const std::string& path) override;
  [[nodiscard]] std::uint64_t size_of(const std::string& path) override;
  void require_intact(const domain::Disk& disk, const std::string& path) override;
  /// Blocks for as long as the disk takes; gives up where it is slower than 1 MiB/s, after ten minutes at least. The
  /// writing ends with this process.
  void commit(const domain::Disk& disk, const std::string& path) override;
  void discard(const std::string& path) override;
};

}  // namespace rescue::linux
