// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads and writes EFI's global variables as values, by libefivar.

#include "orchestrator/boot/efi_load_option.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::boot {

struct EfiVariable {
  std::vector<std::uint8_t> data;
  std::uint32_t attributes = 0;
  friend bool operator==(const EfiVariable&, const EfiVariable&) = default;
};

[[nodiscard]] bool has_efi_variables();

/// Vendors of variables.
enum class EfiNamespace {
  global,    ///< UEFI 2.10, 3.3
  security,  ///< EFI_IMAGE_SECURITY_DATABASE_GUID (UEFI 2.10, 32.6.1): db, dbx
  shim,      ///< SHIM_LOCK_GUID of shim: SbatLevelRT
};

/// Reads a variable; none if it does not exist. Throws `io`.
[[nodiscard]] std::optional<EfiVariable> read_efi(const std::string& name, EfiNamespace of = EfiNamespace::global);

/// Writes (none: removes) the variable and reads it back. Throws `io`, also if the firmware keeps another value.
void write_efi(const std::string& name, const std::optional<EfiVariable>& value);

/// Reads the entry Boot####. None if it does not exist.
[[nodiscard]] std::optional<EfiBootEntry> efi_boot_entry(std::uint16_t number);

}  // namespace rescue::boot
