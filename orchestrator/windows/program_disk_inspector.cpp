// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/program_disk_inspector.hpp"

#include "orchestrator/domain/inspection_form.hpp"
#include "orchestrator/windows/disk_reader_program.hpp"

namespace rescue::windows_disk {

domain::InspectedDisk ProgramDiskInspector::inspect_one(const domain::Disk& disk) const {
  domain::InspectedDisk result{disk.path, {}, "", disk.serial};
  try {
    result.facts = domain::disk_facts_from(read_disk_by({program_}, disk, limit_));
  } catch (const std::exception& error) {  // on a thread of its own: nothing may leave it
    result.problem = error.what();
  }
  return result;
}

std::vector<domain::InspectedDisk> ProgramDiskInspector::inspect(const std::vector<domain::Disk>& disks) {
  const std::lock_guard<std::mutex> one_at_a_time(mutex_);  // each takes memory and time of the disks
  std::vector<domain::InspectedDisk> results(disks.size());
  for_each_at_once(disks.size(), [&](std::size_t i) { results[i] = inspect_one(disks[i]); });
  return results;
}

}  // namespace rescue::windows_disk
