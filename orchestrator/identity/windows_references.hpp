// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds the hives on a disk that name its identity, and replaces it where they lie on the disk.

#include "orchestrator/identity/references.hpp"

namespace rescue::identity {

/// Kinds of volumes that a Windows starts from.
enum class VolumeKind { fat, ntfs };

/// Changes for the hives on a volume: its boot configurations, and SYSTEM of each Windows in a folder of its root.
/// Throws `precondition` that names the file, or says what is wrong with the volume.
[[nodiscard]] std::vector<Patch> patches_of_volume(const disk::DiskBytes& disk, VolumeKind kind, std::uint64_t start,
                                                   std::uint64_t bytes, const IdentityChange& change);

}  // namespace rescue::identity
