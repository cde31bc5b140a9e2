// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rescue VM as a value: all inputs of its domain XML.

#include "contract/guest_action.hpp"
#include "core/net/mac.hpp"
#include "core/words.hpp"
#include "orchestrator/domain/disk.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::domain {

using contract::Firmware;
enum class DiskBus { virtio_scsi, sata };
enum class GuestSystem { windows, standin };
constexpr auto words_of(DiskBus) { return words<DiskBus>("virtio-scsi", "sata"); }
constexpr auto words_of(GuestSystem) { return words<GuestSystem>("windows", "standin"); }

/// The manifest's `profile`: properties of the guest that an image boots.
struct GuestProfile {
  GuestSystem system = GuestSystem::windows;
  Firmware firmware = Firmware::uefi;
  DiskBus disk_bus = DiskBus::virtio_scsi;
  bool tpm = false;
  std::string administrator = "Administrator";
  std::vector<std::string> set_hostname;  ///< argv for the guest agent, "{hostname}" replaced; empty: not offered
  contract::GuestActions actions{};       ///< that the image offers
  friend bool operator==(const GuestProfile&, const GuestProfile&) = default;
};

/// How vCPUs run. `kvm_compatible`: KVM with arch-capabilities disabled, for hosts that refuse its MSR.
enum class Accelerator { kvm, kvm_compatible, tcg };
constexpr auto words_of(Accelerator) { return words<Accelerator>("kvm", "kvm-compatible", "tcg"); }

enum class DiskFormat { raw, qcow2 };
constexpr auto words_of(DiskFormat) { return words<DiskFormat>("raw", "qcow2"); }

/// How QEMU uses the host's page cache, in libvirt's words. `unsafe` ignores flushes: for throw-away disks.
enum class DiskCache { none, writeback, unsafe };
constexpr auto words_of(DiskCache) { return words<DiskCache>("none", "writeback", "unsafe"); }

/// A disk of the guest: the hardware's identity, and the file that QEMU opens.
struct GuestDisk {
  Disk disk;           ///< the guest sees its serial number, WWN and sectors
  std::string source;  ///< what QEMU opens: the disk's own path, or a file over it
  DiskFormat format = DiskFormat::raw;
  DiskCache cache = DiskCache::none;
  bool discard = false;  ///< TRIM and UNMAP of the guest go to the source
  bool read_only = false;
  bool half_written = false;  ///< writing its overlay to it has begun, and has not ended

  friend bool operator==(const GuestDisk&, const GuestDisk&) = default;
};

/// The disk itself, opened by its path, without the host's page cache.
[[nodiscard]] GuestDisk passed_through(Disk disk, bool read_only = false);

/// The hardware behind the guest's disks, in their order.
[[nodiscard]] std::vector<Disk> hardware_of(const std::vector<GuestDisk>& disks);

struct GuestSpec {
  std::string name;  ///< libvirt domain name: "rescue-<server>"
  GuestProfile profile;
  Accelerator accelerator = Accelerator::tcg;
  unsigned memory_mib = 2048;
  unsigned vcpus = 1;
  std::string system_disk;       ///< the throw-away qcow2 overlay over the image
  std::vector<GuestDisk> disks;  ///< the server's, in this order after the system disk
  DiskMode disk_mode = DiskMode::read_write;
  net::Mac mac;
  std::string tap;
  unsigned tap_queues = 2;
  unsigned mtu = 1500;
  std::string vnc_socket;  ///< in a folder of mode 0700
  std::string serial_log;  ///< the guest's first serial port is recorded here
};

enum class GuestState { absent, running, paused, shut_off };
constexpr auto words_of(GuestState) { return words<GuestState>("absent", "running", "paused", "shut-off"); }

enum class GuestEventKind {
  stopped,  ///< shut down from inside, or its QEMU ended normally
  crashed,  ///< panic, or QEMU died
  rebooted,
  agent_connected,
  agent_disconnected,
  hypervisor_lost,  ///< libvirtd went away; the VM keeps running
  hypervisor_back,
  paused,  ///< QEMU has paused it: there is no room for its throw-away disk
};
constexpr auto words_of(GuestEventKind) {
  return words<GuestEventKind>("stopped", "crashed", "rebooted", "agent-connected", "agent-disconnected",
                               "hypervisor-lost", "hypervisor-back", "paused");
}

struct GuestEvent {
  GuestEventKind kind{};
  std::string guest;  ///< domain name; empty for hypervisor_*
};

using contract::ShutdownPolicy;

/// How the guest was ended, for the report.
enum class StopMethod { was_off, agent, acpi, destroyed };
constexpr auto words_of(StopMethod) { return words<StopMethod>("was-off", "agent", "acpi", "destroyed"); }

using rescue::name_of;

}  // namespace rescue::domain
