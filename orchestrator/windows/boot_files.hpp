// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads what a Windows is started with: the boot manager and the boot configuration (BCD, a registry hive).

#include "core/disk/hive.hpp"
#include "orchestrator/domain/inspection.hpp"

#include <functional>

namespace rescue::windows_disk {

/// Reads a whole file of a volume, as FatVolume and NtfsVolume do.
using ReadFile = std::function<std::optional<std::string>(const std::string& path, std::uint64_t largest)>;

/// Copy of a boot configuration in the folder `scratch`, for hivex; removed with the object. Throws `io`.
[[nodiscard]] disk::HiveFile hive_file_with(const std::string& bytes, const std::string& scratch);

/// Reads them of an EFI system partition, or with `uefi` false of an active partition of an MBR. Copies the BCD to the
/// folder `scratch`, and removes it.
[[nodiscard]] domain::BootFiles boot_files(unsigned partition, bool uefi, const ReadFile& read,
                                           const std::string& scratch);

/// Windows loaders of a boot configuration, the default one first.
[[nodiscard]] std::vector<domain::BootEntry> boot_entries(const disk::Hive& store);

/// Device of an element of the types 11000001 and 21000001, from its value as Hive has it (hex digits).
[[nodiscard]] domain::BootDevice boot_device(const std::string& hex);

}  // namespace rescue::windows_disk
