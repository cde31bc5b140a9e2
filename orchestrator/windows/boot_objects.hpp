// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads every object of a boot configuration (BCD) with its elements, in readable form, to be compared with another.

#include "core/disk/hive.hpp"
#include "orchestrator/domain/disk_snapshot.hpp"

namespace rescue::windows_disk {

/// At most 128 objects of at most 64 elements, by their ids. The format of an element is the second digit of its type
/// ("BCD Elements", Microsoft): a device, a text, an object, a list of objects, a number, a flag, numbers. A value that
/// is not readable is shown as "bytes" with the begin of its SHA-256.
[[nodiscard]] std::vector<domain::BootObject> boot_objects(const disk::Hive& store);

}  // namespace rescue::windows_disk
