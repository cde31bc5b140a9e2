// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the metadata of BitLocker volumes: who can open them, and how. Opens none.

#include "core/disk/disk_bytes.hpp"
#include "orchestrator/domain/inspection.hpp"

namespace rescue::windows_disk {

/// Reads the volume at `start`, by libbde's "BitLocker Drive Encryption (BDE) format specification": the volume header
/// of Windows Vista, of Windows 7 and later, or of BitLocker To Go; then the first of three metadata blocks whose
/// checksum is right, or else the first that can be read. What can't be read is the volume's problem. At most 32 key
/// protectors. Reads at most 3 blocks of 64 KiB.
[[nodiscard]] domain::BitLockerVolume read_bitlocker(const disk::DiskBytes& disk, std::uint64_t start,
                                                     std::uint64_t bytes);

}  // namespace rescue::windows_disk
