// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Replaces what registry hives say about the identity of a disk: where the boot configuration (BCD) looks for Windows,
// and which volume has which drive letter (MountedDevices of SYSTEM).

#include "orchestrator/domain/inspection.hpp"
#include "orchestrator/identity/patched_disk.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::identity {

/// Old and new identity of a disk, bytes as on the disk.
struct IdentityChange {
  struct Partition {
    std::uint64_t start = 0;  ///< in bytes: an MBR's partitions are named by it
    std::string old_id;       ///< GPT: unique GUID; MBR: empty
    std::string new_id;
  };
  domain::TableKind table = domain::TableKind::none;
  std::string old_id;  ///< GPT: GUID; MBR: signature
  std::string new_id;
  std::vector<Partition> partitions;
};

/// Changes to a hive's bytes, each of the length of what it replaces; offsets count from the hive's begin. Cells keep
/// their places, and the checksum of a hive covers its base block only, so the result is a hive as before.
///
/// GPT: every place with one of the GUIDs, which are random and so stand for nothing else. MBR: the signature where the
/// start of one of the partitions is beside it, in the forms of MountedDevices (12 bytes) and of a device element of
/// the BCD. Throws `precondition` if it is no hive, or one that was not written completely: its log would undo the
/// change.
[[nodiscard]] std::vector<Patch> reference_patches(std::string_view hive, const IdentityChange& change);

}  // namespace rescue::identity
