// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/program_disk_recorder.hpp"

#include "orchestrator/domain/snapshot_form.hpp"
#include "orchestrator/windows/disk_reader_program.hpp"

namespace rescue::windows_disk {

domain::DiskSnapshot ProgramDiskRecorder::record_one(const domain::Disk& disk) const {
  domain::DiskSnapshot snapshot;
  try {
    snapshot = domain::disk_snapshot_from(read_disk_by({program_, "--snapshot"}, disk, limit_));
  } catch (const std::exception& error) {  // on a thread of its own: nothing may leave it
    snapshot.problem = error.what();
  }
  snapshot.path = disk.path;
  return snapshot;
}

std::vector<domain::DiskSnapshot> ProgramDiskRecorder::record(const std::vector<domain::Disk>& disks) {
  std::vector<domain::DiskSnapshot> snapshots(disks.size());
  for_each_at_once(disks.size(), [&](std::size_t i) { snapshots[i] = record_one(disks[i]); });
  return snapshots;
}

}  // namespace rescue::windows_disk
