// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Says which disks are members of one array of the firmware, and which members are missing.

#include "orchestrator/domain/findings.hpp"

namespace rescue::domain {

/// Appends the finding of a member of an array of Intel's firmware. Does nothing for another disk.
void add_raid_findings(const std::vector<InspectedDisk>& disks, const InspectedDisk& disk, std::vector<Finding>& into);

}  // namespace rescue::domain
