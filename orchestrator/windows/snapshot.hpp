// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records what a disk is started by: partition tables, boot sectors, boot configurations, files that matter. Writes
// nothing, mounts nothing, replays nothing.

#include "orchestrator/domain/disk_snapshot.hpp"

#include <string>

namespace rescue::windows_disk {

/// Snapshot of the disk, without its path. What is damaged is recorded as it is. `disk`: open for reading. Throws `io`
/// if the disk can't be read at all. Reads at most some 100 MiB. Copies of boot configurations are made in the folder
/// `scratch`, and removed.
[[nodiscard]] domain::DiskSnapshot take_snapshot(int disk, const std::string& scratch, unsigned file_sector_size = 512);

}  // namespace rescue::windows_disk
