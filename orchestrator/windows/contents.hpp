// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tells what a range of a disk holds, by libblkid.

#include "orchestrator/domain/inspection.hpp"

namespace rescue::windows_disk {

struct Contents {
  domain::Content content = domain::Content::unknown;
  std::string name;   ///< all that libblkid finds, "ntfs" or "isw_raid_member, ntfs"; for ReFS its version
  std::string label;  ///< printable
};

/// Reads some hundred KiB of the range. A range whose reader fails is `unknown`, as an empty one: libblkid of Debian 13
/// does not tell an ambivalent range from an empty one, so every signature is asked for, one after the other.
[[nodiscard]] Contents contents_of(int disk, std::uint64_t start, std::uint64_t bytes, unsigned sector_size);

/// As what the first sector says that it is, by the name that disk::Partition has for it.
[[nodiscard]] domain::Content content_by_first_sector(std::string_view filesystem);

/// As what a partition's type says that it is; `unknown`: the type says nothing. `type` as in PartitionFacts.
[[nodiscard]] domain::Content content_by_type(std::string_view type);

}  // namespace rescue::windows_disk
