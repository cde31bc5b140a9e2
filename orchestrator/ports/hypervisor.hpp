// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the hypervisor that runs the rescue VM.

#include "core/clock.hpp"
#include "orchestrator/domain/guest.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace rescue::ports {

struct HypervisorFacts {
  std::string version;                ///< "libvirt 9.0.0, QEMU 7.2.22"
  domain::Accelerator accelerator{};  ///< the best one that was proven on this host
  std::string accelerator_reason;     ///< why it is not plain KVM; empty if it is
  std::string kvm_problem;            ///< KVM runs, but its device is not as QEMU needs it; empty: no problem
};

struct StopDeadlines {
  Milliseconds agent{20'000};  ///< for the guest agent's shutdown to take effect
  Milliseconds acpi{120'000};  ///< for the ACPI power button, after that
};

class Hypervisor {
public:
  virtual ~Hypervisor() = default;

  /// Connects to the hypervisor and proves the accelerator (once; later calls answer from memory). Throws `hypervisor`
  /// with a remedy if it does not answer. Blocks for at most some 100 ms.
  [[nodiscard]] virtual HypervisorFacts facts() = 0;

  /// Builds the domain XML that `start` would use. Changes nothing and needs no connection.
  [[nodiscard]] virtual std::string describe(const domain::GuestSpec& spec) const = 0;

  /// Starts the VM; it has executed its first instructions when this returns. Falls back to the next accelerator if a
  /// proven one can't start the domain, and returns the one that runs. Before the guest's first instruction, compares
  /// what QEMU has opened with the numbers of `spec.disks`. Throws `hypervisor`, or `disk` if it is another device, and
  /// leaves nothing running. Throws `conflict` if a guest of that name runs.
  virtual domain::Accelerator start(const domain::GuestSpec& spec) = 0;

  [[nodiscard]] virtual domain::GuestState state(const std::string& guest) = 0;

  /// MiB of the host's memory that a running guest takes now; the rest of its memory has not been touched yet. 0 if it
  /// is not running. Throws `hypervisor`.
  [[nodiscard]] virtual unsigned resident_memory_mib(const std::string& guest) = 0;
  /// Resumes a guest that QEMU has paused because of its disk; QEMU pauses it again if nothing has changed. Does
  /// nothing if somebody else has paused it, or if it is not paused. Idempotent.
  virtual void resume(const std::string& guest) = 0;

  /// Shuts down by the agent, then by ACPI, then destroys, following libvirt's events. Idempotent. Blocks at most for
  /// the deadlines; a stop request destroys at once.
  virtual domain::StopMethod stop(const std::string& guest, const StopDeadlines& deadlines, std::stop_token stop) = 0;

  /// Ends the VM at once, and removes its stored state (NVRAM, TPM state). Idempotent.
  virtual void destroy(const std::string& guest) = 0;

  /// Subscribes `sink`. The adapter's event thread calls it: it must neither block nor call back into the hypervisor.
  virtual void subscribe(std::function<void(const domain::GuestEvent&)> sink) = 0;
};

}  // namespace rescue::ports
