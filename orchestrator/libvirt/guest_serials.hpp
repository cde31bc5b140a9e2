// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The serial numbers that a guest sees on the server's disks: the hardware's own, as long as they tell the disks apart.

#include "orchestrator/domain/guest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::libvirt {

/// One for each disk, in their order; empty where the hardware tells none. As the hardware has it, blanks inside
/// included; what is not printable ASCII is '_'. A bus has a limit (36 characters on SCSI, 20 on SATA): the end of a
/// longer one is shown, and where the ends of two are the same, each is eight hexadecimal digits made from the whole
/// serial, '-', and its end. Of disks with one serial (namespaces of an NVMe drive, cheap USB readers) the second is
/// shown with "-2" at its end, the third with "-3".
[[nodiscard]] std::vector<std::string> guest_serials(const std::vector<domain::Disk>& disks, domain::DiskBus bus);

/// What libvirt takes in <serial> and hands on unchanged: letters, digits, "-", "_", "." and "+"; the rest is '_'.
/// libvirt 9.0 and 11.3 refuse other characters, and write a backslash before each blank.
[[nodiscard]] std::string serial_for_libvirt(std::string serial);

}  // namespace rescue::libvirt
