// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the host itself: its hardware, and rebooting or powering it off.

#include "core/clock.hpp"
#include "orchestrator/domain/phase.hpp"

#include <string>

namespace rescue::ports {

struct HostFacts {
  std::string name;  ///< the host's name, lower case
  unsigned memory_mib = 0;
  unsigned cpus = 0;
  bool uefi = true;  ///< its firmware started it by UEFI, not by BIOS
};

/// Room on a file system, in MiB.
struct Room {
  unsigned total_mib = 0;
  unsigned free_mib = 0;
};

class Host {
public:
  virtual ~Host() = default;
  [[nodiscard]] virtual HostFacts facts() = 0;
  /// RAM that files below `folder` can take, in MiB: the size of the memory file system that it is on, or will be on
  /// once it exists; 0 if that is a disk.
  [[nodiscard]] virtual unsigned memory_of_files_mib(const std::string& folder) = 0;
  /// Gives `folder` a memory file system of its own with `mib` MiB, or changes the size of the one that it has. Creates
  /// the folder; root may write, others may enter it (0711). Idempotent. Throws `io`.
  virtual void provide_memory_folder(const std::string& folder, unsigned mib) = 0;
  /// Removes that memory file system with its content; memory of files that are still open is freed when they are
  /// closed. Does nothing if there is none. Throws `io`.
  virtual void remove_memory_folder(const std::string& folder) = 0;
  /// Size and free room of the file system of `folder`. Throws `io`.
  [[nodiscard]] virtual Room room_of(const std::string& folder) = 0;
  /// MiB that programs could get now without swapping (MemAvailable). Throws `io`.
  [[nodiscard]] virtual unsigned available_memory_mib() = 0;
  /// Waits until the devices that the kernel has found are set up: modules loaded, nodes and links created. Blocks for
  /// at most `limit`; false if that was not enough.
  [[nodiscard]] virtual bool wait_for_devices(Milliseconds limit) = 0;
  /// UUID of this boot of the host.
  [[nodiscard]] virtual std::string boot_id() = 0;
  /// Reboots or powers off; `stay` does nothing. Tries one way after the other, and throws `subprocess` if all fail.
  /// The host goes down a moment after it returns.
  virtual void end(domain::Ending ending) = 0;
};

}  // namespace rescue::ports
