// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Identity of a disk: numbers that Windows tells disks and partitions apart by. Two disks that share one are copies.

#include "orchestrator/domain/inspection.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rescue::domain {

/// Identity of the system disk in each session.
enum class ImageIdentity {
  random,  ///< the session's system disk gets a new one
  keep     ///< it has the image's
};
constexpr auto words_of(ImageIdentity) { return words<ImageIdentity>("random", "keep"); }

struct PartitionIdentity {
  unsigned number = 0;  ///< 0: the disk has a file system and no table
  std::string id;       ///< GPT: GUID in lower case; else empty
  std::string serial;   ///< of a FAT ("1a2b3c4d") or NTFS (16 digits) volume; else empty

  friend bool operator==(const PartitionIdentity&, const PartitionIdentity&) = default;
};

struct DiskIdentity {
  TableKind table = TableKind::none;
  std::string id;  ///< GPT: GUID in lower case; MBR: signature, "1a2b3c4d"; else empty
  std::vector<PartitionIdentity> partitions;

  friend bool operator==(const DiskIdentity&, const DiskIdentity&) = default;
};

/// A disk with its identity, or why that is not known.
struct IdentifiedDisk {
  std::string path;  ///< "/dev/sda"
  DiskIdentity identity;
  std::string problem{};  ///< empty: it was read
};

/// The system disk after it should have got a new identity.
struct RenewedIdentity {
  DiskIdentity identity;
  std::string kept_because{};  ///< why it is still the image's, and nothing was written; empty: it is new
};

/// Every number of an identity, without those that are not set.
[[nodiscard]] std::vector<std::string> numbers_of(const DiskIdentity& identity);

/// Names the numbers by which Windows takes two disks for one: "the disk's GUID 1234..., the GUID of partition 2".
/// Empty: there are none.
[[nodiscard]] std::string shared_ids(const DiskIdentity& one, const DiskIdentity& other);
/// The same for serial numbers of volumes, which Windows does not change.
[[nodiscard]] std::string shared_serials(const DiskIdentity& one, const DiskIdentity& other);

[[nodiscard]] nlohmann::json to_json(const DiskIdentity& identity);
[[nodiscard]] nlohmann::json to_json(const RenewedIdentity& renewed);
/// Trust neither text more than the disk that it is about. Throw `subprocess` that names the member.
[[nodiscard]] DiskIdentity disk_identity_from(std::string_view text);
[[nodiscard]] RenewedIdentity renewed_identity_from(std::string_view text);

}  // namespace rescue::domain
