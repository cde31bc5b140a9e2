// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Takes Setup's logs out of a disk whose system does not run, without mounting it.

#include <string>
#include <vector>

namespace rescue::builder {

/// Copies the files *.log of these folders, in any partition of the raw disk, to the folder `into`, as
/// "setup-3-Windows-Panther-setupact.log": the number is the partition's. At most 64 files, the first 4 MiB of each.
/// Reads NTFS, FAT and ext4 by the Sleuth Kit's programs, without privileges and with limits of memory and time.
/// Returns the names; empty if there are none. Throws `subprocess` if the programs are not installed.
std::vector<std::string> copy_logs(const std::string& disk, const std::vector<std::string>& folders,
                                   const std::string& into);

}  // namespace rescue::builder
