// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// That QEMU has the server's disks open that it is meant to have, and no other: by number, for names and links can
// move.

#include "orchestrator/domain/disk.hpp"

#include <string>
#include <vector>

namespace rescue::libvirt {

/// The kernel's names lead to the disks of these numbers now. Opens nothing. Throws `disk` that names the first which
/// does not, or which has no number.
void require_named_disks(const std::vector<domain::Disk>& disks);

/// The block devices that a process has open are these disks, all of them and nothing else. Needs the right to read
/// /proc/PID/fd of that process. Throws `disk` that says what is too much and what is missing; `hypervisor` when the
/// process can't be looked at: not to know is not to be right.
/// `pid_file`: where libvirt wrote the number of the guest's QEMU.
void require_open_disks(const std::string& pid_file, const std::vector<domain::Disk>& disks);

}  // namespace rescue::libvirt
