// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Takes snapshots of disks by rescue-inspect, a process for each.

#include "orchestrator/ports/snapshots.hpp"

#include <string>

namespace rescue::windows_disk {

class ProgramDiskRecorder final : public ports::DiskRecorder {
public:
  /// `program` is the path of rescue-inspect; `limit` is of one disk.
  explicit ProgramDiskRecorder(std::string program, Milliseconds limit = Milliseconds(15'000))
      : program_(std::move(program)), limit_(limit) {}

  /// As many disks at a time as there are processors.
  [[nodiscard]] std::vector<domain::DiskSnapshot> record(const std::vector<domain::Disk>& disks) override;

private:
  [[nodiscard]] domain::DiskSnapshot record_one(const domain::Disk& disk) const;

  const std::string program_;
  const Milliseconds limit_;
};

}  // namespace rescue::windows_disk
