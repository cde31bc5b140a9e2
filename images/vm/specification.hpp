// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Specification of a virtual machine of the image tools: plain values, checked before QEMU starts.

#include "core/words.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::vm {

enum class Firmware { uefi, bios };
constexpr auto words_of(Firmware) { return words<Firmware>("uefi", "bios"); }

enum class DiskBus { virtio_scsi, sata };
constexpr auto words_of(DiskBus) { return words<DiskBus>("virtio-scsi", "sata"); }

enum class DiskFormat { qcow2, raw };
constexpr auto words_of(DiskFormat) { return words<DiskFormat>("qcow2", "raw"); }

/// `automatic`: KVM if a vCPU is proven to run, else TCG.
enum class Acceleration { automatic, kvm, tcg };
constexpr auto words_of(Acceleration) { return words<Acceleration>("automatic", "kvm", "tcg"); }

struct DiskSpec {
  std::string path{};
  DiskFormat format = DiskFormat::qcow2;
  bool read_only = false;  ///< virtio-scsi only: ATA has no read-only disk
  /// QEMU writes to a throw-away overlay in the machine's folder; the file itself is opened read-only.
  bool snapshot = false;
  unsigned boot_order = 0;  ///< 1 is tried first; 0: never
  std::string serial{};     ///< at most 20 characters
  /// Flushes of the guest are ignored: quick, and the file is lost if the host crashes.
  bool unsafe_cache = false;
  bool discard = false;  ///< TRIM and UNMAP of the guest make holes in the file
};

/// ISO image in a drive on AHCI: Windows Setup reads it without a driver. An empty path is an empty drive.
struct CdromSpec {
  std::string path{};
  unsigned boot_order = 0;
};

/// TCP port of the guest that is reachable at 127.0.0.1; QEMU chooses the host's port.
struct Forward {
  std::uint16_t guest_port = 0;
};

enum class NicModel { virtio, e1000e };
constexpr auto words_of(NicModel) { return words<NicModel>("virtio", "e1000e"); }

/// QEMU's user-mode network with DHCP. It is restricted: the guest reaches nothing but answers on forwarded ports.
struct NicSpec {
  NicModel model = NicModel::virtio;
  std::string mac = "52:54:00:72:65:73";
  std::string network = "10.0.2.0/24";   ///< the guest's, behind QEMU
  std::string dhcp_start = "10.0.2.15";  ///< first address that DHCP gives: forwards lead to it
  std::vector<Forward> forwards{};
};

struct Specification {
  std::string name = "rescue-image";
  Firmware firmware = Firmware::uefi;
  DiskBus disk_bus = DiskBus::virtio_scsi;
  std::vector<DiskSpec> disks;    ///< in this order on the bus; each on a SCSI target or AHCI port of its own
  std::vector<CdromSpec> cdroms;  ///< with SATA disks together at most 6
  unsigned memory_mib = 2048;
  unsigned cpus = 2;
  std::vector<NicSpec> nics;
  bool tpm = false;  ///< TPM 2.0 by swtpm, with a new state
  /// Clock in local time, and under KVM the Hyper-V interface, as rescued gives them to Windows.
  bool windows = false;
  bool stop_at_reboot = false;  ///< a reboot of the guest ends QEMU in place of a reset
  Acceleration acceleration = Acceleration::automatic;
};

/// Throws `usage` for what QEMU can't do or a caller has forgotten; no file is looked at.
void require_valid(const Specification& specification);

}  // namespace rescue::vm
