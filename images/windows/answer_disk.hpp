// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Layout of the image's disk in an answer file.

#include "images/windows/release.hpp"

#include <pugixml.hpp>

namespace rescue::windows {

/// Adds DiskConfiguration: EFI system, MSR and Windows partition for UEFI; one active partition for BIOS. There is no
/// recovery partition: Windows is the last, so that the image can be shrunk and grown.
void add_disk_configuration(pugi::xml_node setup, Firmware firmware);

/// Number of the partition that gets Windows.
[[nodiscard]] unsigned windows_partition(Firmware firmware);

}  // namespace rescue::windows
