// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The NTFS volumes of the server's disks, for whoever copies files out of them, and whether they may be read now.

#include "orchestrator/domain/findings.hpp"
#include "orchestrator/domain/session_record.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace rescue::domain {

struct Volume {
  std::string disk;        ///< "/dev/sda"
  std::string device;      ///< of the disk, "8:0"; empty: an image file
  unsigned partition = 0;  ///< its number; 0: the disk is the volume
  std::uint64_t bytes = 0;
  std::string letter;   ///< "C", as a Windows on one of the disks has it; empty: none
  std::string label;    ///< of the file system
  std::string problem;  ///< why it can't be read; empty: it can
  friend bool operator==(const Volume&, const Volume&) = default;
};

/// Volumes in the order of the disks. A letter that two volumes would have stays with the first one.
[[nodiscard]] std::vector<Volume> volumes_of(const std::vector<InspectedDisk>& disks);

/// Form of the control API.
[[nodiscard]] nlohmann::json to_json(const Volume& volume);
/// Inverse of `to_json`. Throws nlohmann's exceptions for anything else.
[[nodiscard]] Volume volume_from(const nlohmann::json& json);

/// Whether files may be read from the disks while this is the last session.
struct FileAccess {
  bool allowed = true;
  std::string why_not;  ///< empty: allowed
  std::string remedy;
  std::string note;  ///< of what state the files are, if it is not the present one
};

/// Refuses while a guest may write to the disks, or rescued writes a guest's changes to them.
[[nodiscard]] FileAccess file_access(const SessionRecord& record);

}  // namespace rescue::domain
