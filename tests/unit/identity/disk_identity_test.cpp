// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/disk_identity.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::domain {
namespace {

const DiskIdentity disk{TableKind::gpt, "1a", {{1, "2a", "3a"}, {2, "2b", ""}}};

TEST(DiskIdentity, IsSharedByItsIdsOrSerialNumbers) {
  EXPECT_EQ(shared_ids(disk, disk), "the disk's GUID 1a, the GUID of partition 1, the GUID of partition 2");
  EXPECT_EQ(shared_serials(disk, disk), "the serial number of partition 1");
  const DiskIdentity other{TableKind::gpt, "1b", {{5, "2b", "3a"}}};
  EXPECT_EQ(shared_ids(disk, other), "the GUID of partition 2");
  EXPECT_EQ(shared_serials(disk, other), "the serial number of partition 1");
  const DiskIdentity mbr{TableKind::mbr, "1a2b3c4d", {{1, "", ""}}};
  EXPECT_EQ(shared_ids(mbr, mbr), "the disk's signature 1a2b3c4d");
  EXPECT_EQ(shared_ids(mbr, {TableKind::gpt, "1a2b3c4d", {}}), "") << "numbers of two kinds";
}

TEST(DiskIdentity, IsNotSharedByWhatIsNotSet) {
  const DiskIdentity unset{
      TableKind::mbr, "00000000", {{1, "", "00000000"}, {2, "00000000-0000-0000-0000-000000000000", ""}}};
  EXPECT_EQ(shared_ids(unset, unset) + shared_serials(unset, unset), "");
  EXPECT_TRUE(numbers_of(unset).empty());
  EXPECT_EQ(numbers_of(disk), (std::vector<std::string>{"1a", "2a", "3a", "2b"}));
}

TEST(DiskIdentity, IsReadAsItIsWritten) {
  EXPECT_EQ(disk_identity_from(to_json(disk).dump()), disk);
  const RenewedIdentity renewed{disk, "because"};
  const auto read = renewed_identity_from(to_json(renewed).dump());
  EXPECT_EQ(read.identity, disk);
  EXPECT_EQ(read.kept_because, "because");
}

}  // namespace
}  // namespace rescue::domain
