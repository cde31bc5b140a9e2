// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the partition table of a disk, by libfdisk.

#include "core/disk/disk_bytes.hpp"

#include <string>
#include <vector>

namespace rescue::disk {

struct Partition {
  unsigned number = 0;
  std::uint64_t start = 0;  ///< in bytes
  std::uint64_t bytes = 0;
  std::string type;  ///< GPT: GUID in lower case; MBR: "0x07"
  std::string id;    ///< GPT: GUID in lower case; MBR: empty
  std::string name;  ///< GPT's, as UTF-8; MBR: empty
  bool active = false;
  std::string filesystem;  ///< by its first sector: "ntfs", "fat", "bitlocker", "refs", or empty
};

struct PartitionTable {
  std::string kind;  ///< "gpt", "mbr" or "none"
  std::string id;    ///< GPT: GUID in lower case; MBR: signature, "1a2b3c4d"
  std::vector<Partition> partitions;
};

/// A damaged table is "none". Of a GPT one good copy is enough, if the MBR that protects it is there; otherwise it is
/// an "mbr" with a partition of the type 0xee, or "none". Throws `io` if neither end of an image can be read.
[[nodiscard]] PartitionTable read_partitions(const DiskBytes& disk);

}  // namespace rescue::disk
