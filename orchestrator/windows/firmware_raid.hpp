// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the metadata of arrays that Intel's firmware keeps (IMSM: Rapid Storage Technology, VROC).

#include "core/disk/disk_bytes.hpp"
#include "orchestrator/domain/inspection.hpp"

namespace rescue::windows_disk {

/// Reads it at the end of the disk, by the structures in mdadm's super-intel.c. None if there is none; a wrong checksum
/// or length is its problem. The level of a volume that migrates is the new one, its state the present one. At most 32
/// members, 8 volumes, 64 KiB.
[[nodiscard]] std::optional<domain::FirmwareRaid> read_firmware_raid(const disk::DiskBytes& disk);

}  // namespace rescue::windows_disk
