// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A real libvirtd and virtlogd for one test process, in its own namespaces: the machine stays unchanged.

#include "orchestrator/domain/guest.hpp"

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace rescue::tests {

/// Runs `tests` in a process that has private mount, network and process namespaces and its own /run and libvirt
/// folders; all processes that it leaves behind end with it. Returns its exit code. If that is impossible (no root),
/// runs the tests in this process, and `no_private_host` has the reason.
int in_private_host(const std::function<int()>& tests);
[[nodiscard]] const std::optional<std::string>& no_private_host();

/// The daemons as children of this process.
class PrivateLibvirt {
public:
  /// Starts both. Returns when libvirtd answers. Throws std::runtime_error.
  PrivateLibvirt();
  PrivateLibvirt(const PrivateLibvirt&) = delete;
  PrivateLibvirt& operator=(const PrivateLibvirt&) = delete;
  ~PrivateLibvirt();

  void start_libvirtd();
  /// Ends libvirtd with SIGTERM and reaps it; guests keep running.
  void stop_libvirtd();

private:
  pid_t virtlogd_ = -1;
  pid_t libvirtd_ = -1;
};

/// The PID of that guest's QEMU; none if it does not run.
[[nodiscard]] std::optional<pid_t> qemu_of(const std::string& guest);

/// Folder for a test's images and sockets: private, and accessible to QEMU's user.
[[nodiscard]] std::string lab_folder();

/// Action of the tiny guest, a second after it has written "boot" to its first serial port.
enum class Ending {
  halt,          ///< does nothing: no agent, and no answer to the ACPI button
  power_off,     ///< ACPI S5
  reset,         ///< by the keyboard controller: writes "boot" repeatedly
  panic,         ///< the panic device
  power_button,  ///< halts, and powers off when the ACPI button is pressed
};
/// A qcow2 with a boot sector that does this.
[[nodiscard]] std::string make_boot_disk(const std::string& name, Ending ending = Ending::halt);

/// A small BIOS guest without a network card, under TCG.
[[nodiscard]] domain::GuestSpec tiny_guest(const std::string& name, Ending ending = Ending::halt);

}  // namespace rescue::tests
