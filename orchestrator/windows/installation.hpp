// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds each Windows on an NTFS volume, and reads what its registry says about it.

#include "core/disk/ntfs_volume.hpp"
#include "orchestrator/domain/inspection.hpp"

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace rescue::windows_disk {

/// Folders of the volume's root that hold a Windows, each read. At most four. Hives of 256 MiB and more count as
/// damaged. Those that WOF has compressed are named, and not read. Makes copies of hives in the folder
/// `scratch`, one at a time.
[[nodiscard]] std::vector<domain::WindowsInstallation> installations_on(const disk::NtfsVolume& volume,
                                                                        unsigned partition, const std::string& scratch);

/// Letters from the values of SYSTEM's key MountedDevices. Those that it can't read are left out.
[[nodiscard]] std::vector<domain::DriveLetter> letters_in(const nlohmann::ordered_json& mounted_devices);

}  // namespace rescue::windows_disk
