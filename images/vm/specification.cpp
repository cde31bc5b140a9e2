// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/vm/specification.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace rescue::vm {
namespace {

constexpr std::size_t ahci_ports = 6;
constexpr std::size_t longest_serial = 20;
constexpr unsigned least_memory_mib = 64;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::usage, "the virtual machine: " + why); }

}  // namespace

void require_valid(const Specification& specification) {
  const bool sata = specification.disk_bus == DiskBus::sata;
  if (specification.cpus == 0) refuse("it has no CPU");
  if (specification.memory_mib < least_memory_mib) {
    refuse(fmt::format("{} MiB of memory are not enough to boot", specification.memory_mib));
  }
  const auto on_ahci = specification.cdroms.size() + (sata ? specification.disks.size() : 0);
  if (on_ahci > ahci_ports) refuse(fmt::format("{} drives on {} SATA ports", on_ahci, ahci_ports));
  for (const auto& disk : specification.disks) {
    if (disk.path.empty()) refuse("a disk has no path");
    if (disk.serial.size() > longest_serial) refuse("the serial number " + disk.serial + " is too long");
    if (sata && disk.read_only && !disk.snapshot) {
      refuse(disk.path + " can't be read-only on SATA: ATA has no such disk; use a snapshot");
    }
  }
}

}  // namespace rescue::vm
