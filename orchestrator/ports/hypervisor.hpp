// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role of whatever runs the rescue VM.

#include "core/clock.hpp"
#include "orchestrator/domain/guest.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace rescue::ports {

struct HypervisorFacts {
  std::string version;                ///< "libvirt 9.0.0, QEMU 7.2.22"
  domain::Accelerator accelerator{};  ///< the best one that has been proven on this host
  std::string accelerator_reason;     ///< why it is not plain KVM; empty when it is
  std::string kvm_problem;            ///< KVM runs, and yet its device is not as QEMU needs it; empty: all is well
};

struct StopDeadlines {
  Milliseconds agent{20'000};  ///< for the guest agent's shutdown to take effect
  Milliseconds acpi{120'000};  ///< for the ACPI power button, after that
};

class Hypervisor {
public:
  virtual ~Hypervisor() = default;

  /// Reaches the hypervisor and proves the accelerator (once; later calls answer from memory). Throws `hypervisor`
  /// with a remedy when it does not answer. Blocks for some 100 ms at most.
  [[nodiscard]] virtual HypervisorFacts facts() = 0;

  /// The domain XML that `start` would use. Changes nothing and needs no connection.
  [[nodiscard]] virtual std::string describe(const domain::GuestSpec& spec) const = 0;

  /// Starts the VM; it has executed its first instructions when this returns. Falls down the accelerator ladder when
  /// an accelerator that was proven still can't start the domain, and returns the one that runs. Before the guest's
  /// first instruction, what QEMU has opened is compared with the numbers of `spec.disks`. Throws `hypervisor`, or
  /// `disk` when it is another device, with nothing left running. A guest of that name that already runs is a
  /// `conflict`.
  virtual domain::Accelerator start(const domain::GuestSpec& spec) = 0;

  [[nodiscard]] virtual domain::GuestState state(const std::string& guest) = 0;

  /// A guest that QEMU has paused because of its disk goes on, or is paused again where nothing has changed. One that
  /// somebody else has paused, or that is not paused, is left alone. Idempotent.
  virtual void resume(const std::string& guest) = 0;

  /// Agent shutdown, then ACPI, then destroy, by libvirt's events. Idempotent. Blocks for the deadlines at most;
  /// a stop request goes to destroy at once.
  virtual domain::StopMethod stop(const std::string& guest, const StopDeadlines& deadlines, std::stop_token stop) = 0;

  /// Ends the VM at once, and removes what the hypervisor keeps of it (NVRAM, TPM state). Idempotent.
  virtual void destroy(const std::string& guest) = 0;

  /// `sink` is called from the adapter's event thread: it must not block nor call back into the hypervisor.
  virtual void subscribe(std::function<void(const domain::GuestEvent&)> sink) = 0;
};

}  // namespace rescue::ports
