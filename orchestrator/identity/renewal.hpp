// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gives a rescue image's disk a new identity: which bytes have to change for it, so that its system still starts.

#include "orchestrator/domain/disk_identity.hpp"
#include "orchestrator/identity/patched_disk.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rescue::identity {

/// Fills bytes with random ones.
using RandomBytes = std::function<void(char* bytes, std::size_t count)>;

/// Reads the identity of any disk: its partition table, and the first sector of each partition.
[[nodiscard]] domain::DiskIdentity identity_of(const disk::DiskBytes& disk);

struct Renewal {
  std::vector<Patch> patches;
  domain::DiskIdentity identity;  ///< after the patches
};

/// Finds the bytes to change. All of them, or none: throws `precondition` with the reason if something that may name
/// the old identity can't be read or replaced: a volume that is encrypted, damaged or not shut down, a hive that is
/// damaged, compressed, or not written completely. Nothing is written here.
///
/// New: the GUID of a GPT and of each of its partitions (version 4, RFC 9562, 5.4), the signature of an MBR, the serial
/// numbers of FAT and NTFS volumes. None of them is in `taken` (in digits, as in a DiskIdentity). Types, names, labels,
/// and other file systems stay.
[[nodiscard]] Renewal plan_renewal(const disk::DiskBytes& disk, const std::vector<std::string>& taken,
                                   const RandomBytes& random);

}  // namespace rescue::identity
