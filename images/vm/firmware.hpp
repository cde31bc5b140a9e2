// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds UEFI firmware by QEMU's descriptors (docs/interop/firmware.json of QEMU): paths and sizes differ by release.

#include <string>
#include <vector>

namespace rescue::vm {

struct UefiFirmware {
  std::string code;         ///< read-only flash, shared
  std::string code_format;  ///< "raw" or "qcow2"
  std::string variables;    ///< template of the variables; each machine has a copy of its own
  std::string variables_format;
};

/// Folders of descriptors, the most important first, as QEMU's specification names them.
[[nodiscard]] std::vector<std::string> firmware_folders();

/// The first firmware for x86-64 on q35 without Secure Boot, enrolled keys and SMM, with variables in a flash of their
/// own. Descriptors are read in the order of their names; one of the same name in an earlier folder hides the later,
/// also if it is empty. Throws `not_found` with the package to install.
[[nodiscard]] UefiFirmware find_uefi_firmware(const std::vector<std::string>& folders = firmware_folders());

}  // namespace rescue::vm
