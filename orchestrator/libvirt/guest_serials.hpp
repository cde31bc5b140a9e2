// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Serial numbers of the server's disks in the guest: the hardware's own, made unique.

#include "orchestrator/domain/guest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::libvirt {

/// One for each disk, in their order; empty if the hardware has none. Keeps inner blanks; characters other than
/// printable ASCII become '_'. The bus limits the length (36 characters on SCSI, 20 on SATA): a longer serial is cut to
/// its end. If the ends of two are equal, each becomes eight hexadecimal digits made from the whole serial, '-', and
/// its end. Disks with the same serial (namespaces of an NVMe drive, cheap USB readers): the second ends in "-2", the
/// third in "-3".
[[nodiscard]] std::vector<std::string> guest_serials(const std::vector<domain::Disk>& disks, domain::DiskBus bus);

/// Characters that libvirt passes on unchanged in <serial>: letters, digits, "-", "_", "." and "+"; others become '_'.
/// libvirt 9.0 and 11.3 refuse other characters, and write a backslash before each blank.
[[nodiscard]] std::string serial_for_libvirt(std::string serial);

}  // namespace rescue::libvirt
