// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role of the host itself: what it has, and turning it off or on again.

#include "core/clock.hpp"
#include "orchestrator/domain/phase.hpp"

#include <string>

namespace rescue::ports {

struct HostFacts {
  std::string name;  ///< the host's name, lower case
  unsigned memory_mib = 0;
  unsigned cpus = 0;
};

class Host {
public:
  virtual ~Host() = default;
  [[nodiscard]] virtual HostFacts facts() = 0;
  /// How much RAM the files below `folder` can come to take, in MiB: the size of the memory file system that it lies
  /// on, or will lie on once it exists; 0 when that is a disk.
  [[nodiscard]] virtual unsigned memory_of_files_mib(const std::string& folder) = 0;
  /// Returns once the devices that the kernel has found are set up: their modules loaded, their nodes and links made.
  /// Blocks for `limit` at most; false when that was not enough.
  [[nodiscard]] virtual bool wait_for_devices(Milliseconds limit) = 0;
  /// Another one after each boot of the host (a UUID).
  [[nodiscard]] virtual std::string boot_id() = 0;
  /// Reboots or powers off; `stay` does nothing. Tries what it knows, one way after the other, and throws `subprocess`
  /// when the system refuses all of them. The end comes a moment after it returns.
  virtual void end(domain::Ending ending) = 0;
};

}  // namespace rescue::ports
