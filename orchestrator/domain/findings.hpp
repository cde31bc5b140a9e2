// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Says what the facts of the disks mean for the customer, and what to do about it.

#include "orchestrator/domain/inspection.hpp"

namespace rescue::domain {

enum class Severity {
  info,     ///< good to know
  warning,  ///< something is wrong, or will be
  danger    ///< data can be lost by what seems harmless
};
constexpr auto words_of(Severity) { return words<Severity>("info", "warning", "danger"); }

struct Finding {
  std::string code;  ///< stable, for programs: "hibernated"
  Severity severity = Severity::info;
  std::string disk;        ///< "/dev/sda"
  unsigned partition = 0;  ///< 0: the whole disk
  std::string text;        ///< what is so
  std::string remedy;      ///< what to do about it; empty: nothing

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A disk with its facts, or why there are none.
struct InspectedDisk {
  std::string path;  ///< "/dev/sda"
  DiskFacts facts;
  std::string problem{};  ///< empty: it was inspected
  std::string serial{};   ///< serial number, by which an array names its members
};

/// In remedies W: stands for the letter that the customer's volume has in the rescue Windows.
///
/// Findings of each disk and of all together, in the order of the disks; the gravest of a disk first.
[[nodiscard]] std::vector<Finding> findings_of(const std::vector<InspectedDisk>& disks);

}  // namespace rescue::domain
