// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Says who can open a volume that BitLocker has encrypted.

#include "orchestrator/domain/findings.hpp"

namespace rescue::domain {

/// Appends the findings of an encrypted volume. In a text "W:" is its letter in the rescue Windows.
void add_bitlocker_findings(const std::string& disk, const PartitionFacts& partition, std::vector<Finding>& into);

}  // namespace rescue::domain
