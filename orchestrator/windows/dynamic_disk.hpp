// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the database of Windows' dynamic disks. Our own reader: libldm trusts the offsets that are on the disk.

#include "core/disk/disk_bytes.hpp"
#include "orchestrator/domain/inspection.hpp"

namespace rescue::windows_disk {

/// Reads the private header, of which there are copies, and the database that it points to ("LDM Documentation" of the
/// Linux-NTFS project; block/partitions/ldm.h of Linux; ldm.c of libldm for GPT). `partitions` are those of the disk.
/// A disk that can't be read has a problem; one with sectors of another size than 512 bytes, too: they are not
/// described. Reads at most 8 MiB.
[[nodiscard]] domain::DynamicDisk read_dynamic_disk(const disk::DiskBytes& disk,
                                                    const std::vector<domain::PartitionFacts>& partitions);

}  // namespace rescue::windows_disk
