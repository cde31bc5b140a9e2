// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checks that QEMU has open exactly the server's disks that it should have. Compares device numbers, because names and
// links can move.

#include "orchestrator/domain/disk.hpp"

#include <string>
#include <vector>

namespace rescue::libvirt {

/// Checks that the kernel's names still lead to these disks' numbers. Opens nothing. Throws `disk` that names the first
/// disk with another number or none.
void require_named_disks(const std::vector<domain::Disk>& disks);

/// Checks that the block devices a process has open are exactly these disks. Needs the right to read /proc/PID/fd of
/// that process. Throws `disk` that lists the surplus and the missing ones; `hypervisor` when the process can't be
/// inspected.
/// `pid_file`: libvirt's pid file of the guest's QEMU.
void require_open_disks(const std::string& pid_file, const std::vector<domain::Disk>& disks);

}  // namespace rescue::libvirt
