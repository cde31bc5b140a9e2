// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records the firmware's boot entries and the state of Secure Boot (UEFI 2.10, 3.3 and 32.3).

#include "orchestrator/ports/snapshots.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace rescue::boot {

class EfiRecorder final : public ports::FirmwareRecorder {
public:
  /// Without `enabled`, and on a host without EFI, there is nothing to record.
  explicit EfiRecorder(bool enabled) : enabled_(enabled) {}

  /// BootOrder, BootNext, the entries of the boot order; SecureBoot, SetupMode, PK, KEK, db, dbx, SbatLevelRT.
  [[nodiscard]] domain::FirmwareSnapshot record() override;

private:
  bool enabled_;
};

/// "3 signatures, 4123 bytes": of EFI_SIGNATURE_LISTs (UEFI 2.10, 32.4.1). Counts up to the first damaged list.
[[nodiscard]] std::string signatures_text(std::span<const std::uint8_t> bytes);

}  // namespace rescue::boot
