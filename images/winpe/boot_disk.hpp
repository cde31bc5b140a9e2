// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes a disk that UEFI boots from: a GPT with one FAT32 partition, without root and without mounting.

#include <string>

namespace rescue::winpe {

/// Makes a raw image `disk` with the content of the folder `tree` in its EFI system partition, as large as the content
/// needs. Runs sgdisk and mtools. Throws `io` with their message. Blocks for as long as copying takes.
void make_boot_disk(const std::string& tree, const std::string& disk);

}  // namespace rescue::winpe
