// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The files that matter for the start of a Windows and for access to it, with their digests (docs/disks.md).

#include "core/disk/fat_volume.hpp"
#include "core/disk/ntfs_volume.hpp"
#include "orchestrator/domain/disk_snapshot.hpp"

namespace rescue::windows_disk {

/// Limits of one disk: what is beyond is listed without a digest, or not at all.
struct RecordingBudget {
  std::size_t files = 2000;
  std::size_t folders = 500;  ///< a damaged one may be in itself
  std::uint64_t bytes = 96U << 20U;
};

/// Every file of an EFI system partition.
void record_files(const disk::FatVolume& volume, domain::VolumeRecord& record, RecordingBudget& budget);

/// Files in the root and in \Boot, and of each Windows its registry, its loaders, `hosts`, and what a login starts. Of
/// files of more than 8 MiB, and of those that are WOF-compressed: size and time only.
void record_files(const disk::NtfsVolume& volume, domain::VolumeRecord& record, RecordingBudget& budget);

}  // namespace rescue::windows_disk
