// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Inspects disks by rescue-inspect, a process for each: a disk that breaks its reader breaks nothing else.

#include "orchestrator/ports/disks.hpp"

#include <mutex>
#include <string>

namespace rescue::windows_disk {

class ProgramDiskInspector final : public ports::DiskInspector {
public:
  /// `program` is the path of rescue-inspect.
  explicit ProgramDiskInspector(std::string program, Milliseconds limit = Milliseconds(60'000))
      : program_(std::move(program)), limit_(limit) {}

  /// As many disks at a time as there are processors; a second call waits for the first. Thread-safe.
  [[nodiscard]] std::vector<domain::InspectedDisk> inspect(const std::vector<domain::Disk>& disks) override;

private:
  [[nodiscard]] domain::InspectedDisk inspect_one(const domain::Disk& disk) const;

  const std::string program_;
  const Milliseconds limit_;
  std::mutex mutex_;
};

}  // namespace rescue::windows_disk
