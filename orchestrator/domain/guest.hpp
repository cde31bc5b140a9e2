// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rescue VM as a value: everything that decides its domain XML.

#include "orchestrator/domain/disk.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::domain {

enum class Firmware { uefi, bios };
enum class DiskBus { virtio_scsi, sata };
enum class GuestSystem { windows, standin };
[[nodiscard]] std::string_view name_of(Firmware firmware) noexcept;
[[nodiscard]] std::string_view name_of(DiskBus bus) noexcept;
[[nodiscard]] std::string_view name_of(GuestSystem system) noexcept;

/// What an image says of the guest that boots it (the manifest's `profile`).
struct GuestProfile {
  GuestSystem system = GuestSystem::windows;
  Firmware firmware = Firmware::uefi;
  DiskBus disk_bus = DiskBus::virtio_scsi;
  bool tpm = false;
  std::string administrator = "Administrator";
  std::vector<std::string> set_hostname;  ///< argv for the guest agent, "{hostname}" replaced; empty: not offered
  friend bool operator==(const GuestProfile&, const GuestProfile&) = default;
};

/// How vCPUs run. `kvm_compatible`: KVM with arch-capabilities disabled, for hosts that refuse its MSR.
enum class Accelerator { kvm, kvm_compatible, tcg };
[[nodiscard]] std::string_view name_of(Accelerator accelerator) noexcept;

struct GuestSpec {
  std::string name;  ///< libvirt domain name: "rescue-<server>"
  GuestProfile profile;
  Accelerator accelerator = Accelerator::tcg;
  unsigned memory_mib = 2048;
  unsigned vcpus = 1;
  std::string system_disk;  ///< the throw-away qcow2 overlay over the image
  std::vector<Disk> disks;  ///< the server's, in this order after the system disk
  DiskMode disk_mode = DiskMode::read_write;
  std::string mac;
  std::string tap;
  unsigned tap_queues = 2;
  unsigned mtu = 1500;
  std::string vnc_socket;  ///< in a folder of mode 0700
  std::string serial_log;  ///< the guest's first serial port is recorded here
};

enum class GuestState { absent, running, paused, shut_off };
[[nodiscard]] std::string_view name_of(GuestState state) noexcept;

enum class GuestEventKind {
  stopped,  ///< shut down from inside, or its QEMU went away in order
  crashed,  ///< panic, or QEMU died
  rebooted,
  agent_connected,
  agent_disconnected,
  hypervisor_lost,  ///< libvirtd went away; the VM keeps running
  hypervisor_back,
  paused,  ///< QEMU has stopped it: there is no room for what it writes to its throw-away disk
};
[[nodiscard]] std::string_view name_of(GuestEventKind kind) noexcept;

struct GuestEvent {
  GuestEventKind kind{};
  std::string guest;  ///< domain name; empty for hypervisor_*
};

/// What a shutdown inside the guest does (a reboot inside it always restarts it).
enum class ShutdownPolicy { restart, finish, keep };
[[nodiscard]] std::string_view name_of(ShutdownPolicy policy) noexcept;

/// Which of the ways ended the guest, for the report.
enum class StopMethod { was_off, agent, acpi, destroyed };
[[nodiscard]] std::string_view name_of(StopMethod method) noexcept;

}  // namespace rescue::domain
