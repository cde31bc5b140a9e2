// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads a partition table with its bytes, so that identities in it can be replaced: libfdisk rewrites whole tables.

#include "core/disk/disk_bytes.hpp"
#include "orchestrator/domain/inspection.hpp"
#include "orchestrator/identity/patched_disk.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::identity {

/// Bytes of identities are as they are on the disk: a GUID is 16 bytes (UEFI 2.10, appendix A), a signature 4.
struct RawPartition {
  unsigned number = 0;
  std::uint64_t start = 0;  ///< in bytes
  std::uint64_t bytes = 0;
  std::string type;  ///< GPT: GUID; MBR: one byte
  std::string id;    ///< GPT: unique GUID; MBR: empty
};

/// One of the two copies of a GPT, whose checksums are good (UEFI 2.10, 5.3.2).
struct RawGpt {
  std::uint64_t sector = 0;          ///< of the header
  std::uint64_t other = 0;           ///< sector where the header says that the other one is
  std::uint64_t entries_sector = 0;  ///< first of the partition entries
  std::uint32_t entry_bytes = 0;
  std::string header;  ///< the whole sector
  std::string entries;
};

struct RawTable {
  domain::TableKind kind = domain::TableKind::none;
  std::string id;  ///< GPT: GUID; MBR: signature
  std::vector<RawPartition> partitions;
  std::optional<RawGpt> primary;
  std::optional<RawGpt> backup;
  bool hybrid = false;  ///< GPT, whose MBR has other partitions beside the protective one
};

/// Reads the table. One good copy of a GPT is enough, and an MBR that protects it must be there. A damaged table is
/// none. At most 128 partitions. Reads some sectors, and up to 1 MiB of partition entries of each copy.
[[nodiscard]] RawTable read_raw_table(const disk::DiskBytes& disk);

/// Changes that give a table with two good copies these identities, in the order of its partitions; both copies get
/// their checksums. A GPT's MBR stays. Throws `precondition` if the GPT is not whole.
[[nodiscard]] std::vector<Patch> table_patches(const RawTable& table, unsigned sector_size, const std::string& id,
                                               const std::vector<std::string>& partition_ids);

}  // namespace rescue::identity
