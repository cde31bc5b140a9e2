// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/access.hpp"
#include "orchestrator/domain/disk.hpp"
#include "orchestrator/domain/guest.hpp"
#include "orchestrator/domain/network.hpp"
#include "orchestrator/domain/phase.hpp"

#include <array>

namespace rescue::domain {
namespace {

/// Names in the order of the enumerators: a missing one would be an out-of-range index, which `at` refuses in tests.
template <class Enum, std::size_t Size>
std::string_view pick(const std::array<std::string_view, Size>& names, Enum value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < Size ? names[index] : std::string_view("unknown");
}

template <class... Names>
constexpr auto list(Names... names) {
  return std::array<std::string_view, sizeof...(Names)>{names...};
}

}  // namespace

std::string_view name_of(ExclusionReason reason) noexcept {
  static constexpr auto names =
      list("not-in-only", "excluded", "host-root", "mounted", "assembled", "virtual-device", "read-only-device",
           "empty-device", "firmware-storage", "offline", "zoned", "firmware-raid", "virtual-medium", "busy");
  return pick(names, reason);
}
std::string_view name_of(DiskMode mode) noexcept {
  static constexpr auto names = list("rw", "ro", "overlay");
  return pick(names, mode);
}
std::string_view name_of(GuestAddressing addressing) noexcept {
  static constexpr auto names = list("auto", "provider", "local");
  return pick(names, addressing);
}
std::string_view name_of(Firmware firmware) noexcept {
  static constexpr auto names = list("uefi", "bios");
  return pick(names, firmware);
}
std::string_view name_of(DiskBus bus) noexcept {
  static constexpr auto names = list("virtio-scsi", "sata");
  return pick(names, bus);
}
std::string_view name_of(GuestSystem system) noexcept {
  static constexpr auto names = list("windows", "standin");
  return pick(names, system);
}
std::string_view name_of(Accelerator accelerator) noexcept {
  static constexpr auto names = list("kvm", "kvm-compatible", "tcg");
  return pick(names, accelerator);
}
std::string_view name_of(GuestState state) noexcept {
  static constexpr auto names = list("absent", "running", "paused", "shut-off");
  return pick(names, state);
}
std::string_view name_of(GuestEventKind kind) noexcept {
  static constexpr auto names = list("stopped", "crashed", "rebooted", "agent-connected", "agent-disconnected",
                                     "hypervisor-lost", "hypervisor-back", "paused");
  return pick(names, kind);
}
std::string_view name_of(ShutdownPolicy policy) noexcept {
  static constexpr auto names = list("restart", "finish", "keep");
  return pick(names, policy);
}
std::string_view name_of(StopMethod method) noexcept {
  static constexpr auto names = list("was-off", "agent", "acpi", "destroyed");
  return pick(names, method);
}
std::string_view name_of(Readiness readiness) noexcept {
  static constexpr auto names = list("unreachable", "tcp-open", "banner", "authenticated", "command-ran");
  return pick(names, readiness);
}
std::string_view name_of(RdpProof proof) noexcept {
  static constexpr auto names = list("none", "handshake-only", "authenticated");
  return pick(names, proof);
}
std::string_view name_of(Phase phase) noexcept {
  static constexpr auto names = list("idle", "starting", "serving", "finishing", "finished", "failed");
  return pick(names, phase);
}
std::string_view name_of(StepName step) noexcept {
  static constexpr auto names =
      list("preflight", "inventory", "fetch-image", "claim-disks", "take-network", "start-guest", "provision-guest",
           "verify-access", "announce", "stop-guest", "settle-disks", "release-network", "restore-boot-mode", "report");
  return pick(names, step);
}
std::string_view name_of(StepState state) noexcept {
  static constexpr auto names = list("begun", "done", "failed", "undone");
  return pick(names, state);
}
std::string_view name_of(Ending ending) noexcept {
  static constexpr auto names = list("reboot", "poweroff", "stay");
  return pick(names, ending);
}

}  // namespace rescue::domain
