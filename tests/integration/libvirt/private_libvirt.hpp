// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A real libvirtd and virtlogd for one test process, in namespaces of its own: nothing of the machine is touched.

#include "orchestrator/domain/guest.hpp"

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace rescue::tests {

/// Runs `tests` in a process that has private mount, network and process namespaces and its own /run and libvirt
/// folders; whatever it leaves running ends with it. Returns its exit code. Where that can't be (no root), the tests
/// run here, and `no_private_host` says why.
int in_private_host(const std::function<int()>& tests);
[[nodiscard]] const std::optional<std::string>& no_private_host();

/// The daemons as children of this process.
class PrivateLibvirt {
public:
  /// Starts both, and returns when libvirtd answers. Throws std::runtime_error.
  PrivateLibvirt();
  PrivateLibvirt(const PrivateLibvirt&) = delete;
  PrivateLibvirt& operator=(const PrivateLibvirt&) = delete;
  ~PrivateLibvirt();

  void start_libvirtd();
  /// Ends libvirtd with SIGTERM and reaps it; guests go on.
  void stop_libvirtd();

private:
  pid_t virtlogd_ = -1;
  pid_t libvirtd_ = -1;
};

/// The pid of that guest's QEMU; none when it does not run.
[[nodiscard]] std::optional<pid_t> qemu_of(const std::string& guest);

/// Where a test keeps images and sockets: private, and reachable for QEMU's user.
[[nodiscard]] std::string lab_folder();

/// What the tiny guest does a second after it has written "boot" to its first serial port.
enum class Ending {
  halt,          ///< nothing for ever: no agent, and no answer to the ACPI button
  power_off,     ///< ACPI S5
  reset,         ///< by the keyboard controller, so it says "boot" again and again
  panic,         ///< the panic device
  power_button,  ///< halts, and powers off when the ACPI button is pressed
};
/// A qcow2 with a boot sector that does this.
[[nodiscard]] std::string make_boot_disk(const std::string& name, Ending ending = Ending::halt);

/// A small BIOS guest without a network card, under TCG.
[[nodiscard]] domain::GuestSpec tiny_guest(const std::string& name, Ending ending = Ending::halt);

}  // namespace rescue::tests
