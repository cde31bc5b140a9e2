// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the partition table of a disk, by libfdisk.

#include "images/ntfs/nbd_disk.hpp"

#include <string>
#include <vector>

namespace rescue::ntfs {

struct Partition {
  unsigned number = 0;
  std::uint64_t start = 0;  ///< in bytes
  std::uint64_t bytes = 0;
  std::string type;  ///< GPT: GUID in lower case; MBR: "0x07"
  bool active = false;
  std::string filesystem;  ///< by its first sector: "ntfs", "fat", "bitlocker", "refs", or empty
};

struct PartitionTable {
  std::string kind;  ///< "gpt", "mbr" or "none"
  std::vector<Partition> partitions;
};

/// Reads both ends of the disk. A damaged table is "none". Throws `io` if the disk can't be read.
[[nodiscard]] PartitionTable read_partitions(const NbdDisk& disk);

}  // namespace rescue::ntfs
