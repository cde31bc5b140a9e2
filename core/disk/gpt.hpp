// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checks both copies of a GPT (UEFI 2.10, 5.3): libfdisk takes the good one, and does not say that the other is not.

#include "core/disk/disk_bytes.hpp"

namespace rescue::disk {

enum class GptState { absent, good, damaged };

struct GptCheck {
  GptState primary = GptState::absent;
  GptState backup = GptState::absent;  ///< where the primary says it is, or at the end of the disk
  bool backup_at_end = true;
  bool beyond_end = false;  ///< the disk is smaller than the primary says
  bool hybrid = false;      ///< the MBR has partitions beside the protective one
};

/// Reads some sectors at both ends, and up to 1 MiB of partition entries of each copy. What can't be read is damaged.
[[nodiscard]] GptCheck check_gpt(const DiskBytes& disk) noexcept;

}  // namespace rescue::disk
