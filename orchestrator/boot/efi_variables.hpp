// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// EFI's global variables as values, by libefivar.

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

/// A variable of the global namespace; none when it does not exist. Throws `io`.
[[nodiscard]] std::optional<EfiVariable> read_efi(const std::string& name);

/// Writes (none: removes) the variable and reads it back. Throws `io`, also when the firmware keeps something else.
void write_efi(const std::string& name, const std::optional<EfiVariable>& value);

/// Where Boot#### leads. None when there is no such entry.
[[nodiscard]] std::optional<EfiBootEntry> efi_boot_entry(std::uint16_t number);

}  // namespace rescue::boot
