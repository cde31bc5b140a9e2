// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Bytes of a disk: the metadata of a BitLocker volume, the database of a dynamic disk, and single records of it.
#include "expect.hpp"
#include "memory_disk.hpp"
#include "orchestrator/windows/bitlocker.hpp"
#include "orchestrator/windows/dynamic_disk.hpp"
#include "orchestrator/windows/dynamic_records.hpp"
#include "orchestrator/windows/firmware_raid.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rescue::fuzz::expect;
  namespace windows = rescue::windows_disk;
  const rescue::fuzz::MemoryDisk disk(data, size);
  expect(windows::read_bitlocker(disk, 0, disk.size()).protectors.size() <= 32, "keys are bounded");
  rescue::domain::PartitionFacts metadata;
  metadata.type = "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3";
  metadata.bytes = disk.size();
  const auto dynamic = windows::read_dynamic_disk(disk, {metadata});
  expect(dynamic.problem.empty() || dynamic.volumes.empty(), "a damaged database has no volumes");
  if (const auto raid = windows::read_firmware_raid(disk)) expect(raid->members.size() <= 32, "members are bounded");
  windows::DynamicRecords records;
  const void* const place = data;
  (void)windows::add_record({static_cast<const char*>(place), size}, records);
  return 0;
}
