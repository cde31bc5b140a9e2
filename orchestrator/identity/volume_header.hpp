// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the serial number of a volume in its boot sector, and where its copies are.

#include "core/disk/disk_bytes.hpp"

#include <string>
#include <vector>

namespace rescue::identity {

struct VolumeHeader {
  std::string kind;                     ///< "fat", "ntfs", "exfat", "refs", "bitlocker"; empty: none of these
  std::string serial;                   ///< FAT: 4 bytes, NTFS: 8, as on the disk; empty: it has none
  std::vector<std::uint64_t> places{};  ///< of the serial number on the disk, with that in the copy of the boot sector
};

/// FAT12, FAT16 and FAT32 ("FAT: General Overview of On-Disk Format" 1.03), NTFS. A copy of the boot sector with
/// another serial number is no copy. Reads two sectors.
[[nodiscard]] VolumeHeader read_volume_header(const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes);

/// A serial number in digits, the highest first: "1a2b3c4d".
[[nodiscard]] std::string serial_text(const std::string& serial);

}  // namespace rescue::identity
