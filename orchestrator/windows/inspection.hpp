// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Inspects a disk: partition tables, file systems, and each Windows. Writes nothing, mounts nothing, replays nothing.

#include "orchestrator/domain/inspection.hpp"

namespace rescue::windows_disk {

/// Facts of the disk. What is damaged is a fact like others. `disk`: open for reading. Throws `io` if the disk can't
/// be read at all. Blocks for the disk. Copies of registry hives are made in the folder `scratch`, and removed.
[[nodiscard]] domain::DiskFacts inspect(int disk, const std::string& scratch, unsigned file_sector_size = 512);

}  // namespace rescue::windows_disk
