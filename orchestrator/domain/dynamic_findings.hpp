// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Says which disks of a group of dynamic disks are there, and what of its volumes.

#include "orchestrator/domain/findings.hpp"

namespace rescue::domain {

/// Appends the findings of one of these disks: of itself as a member, and of the volumes of its group, which are
/// reported for the first member that is there. Does nothing for a disk without a database.
void add_dynamic_findings(const std::vector<InspectedDisk>& disks, const InspectedDisk& disk,
                          std::vector<Finding>& into);

}  // namespace rescue::domain
