// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// QEMU's command line of a specification. Devices are JSON, so that no path or name needs quoting.

#include "images/vm/firmware.hpp"
#include "images/vm/specification.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::vm {

/// Files and descriptors that the machine has prepared for QEMU.
struct Prepared {
  bool kvm = false;
  bool svm = false;  ///< the host's CPU has it: hidden from the guest, as rescued does
  bool vmx = false;
  int monitor = -1;                      ///< socket of QMP
  int agent = -1;                        ///< socket of the guest agent's port
  std::optional<int> tpm;                ///< socket of swtpm
  std::string serial_log;                ///< output of the first serial port
  std::optional<UefiFirmware> firmware;  ///< with a private copy of the variables
  std::vector<DiskSpec> disks;           ///< those of the specification, with overlays for snapshots
};

[[nodiscard]] std::vector<std::string> qemu_arguments(const Specification& specification, const Prepared& prepared);

}  // namespace rescue::vm
