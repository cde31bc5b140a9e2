// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/hive.hpp"
#include "core/file.hpp"
#include "orchestrator/identity/references.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/prepared/hive_builder.hpp"

#include <gmock/gmock.h>

namespace rescue::identity {
namespace {

using ::testing::HasSubstr;
using tests::Binary;
using tests::RegistryValue;

const std::string old_disk = "old disk's guid.";
const std::string new_disk = "NEW DISK'S GUID!";
const std::string old_first = "the first's old.";
const std::string new_first = "THE FIRST'S NEW!";
const std::string foreign = "another one's id";

std::string start_at(std::uint64_t start) { return {reinterpret_cast<const char*>(&start), sizeof start}; }

class References : public ::testing::Test {
protected:
  [[nodiscard]] std::string hive(const std::vector<RegistryValue>& values) const {
    tests::write_hive(folder_.file("hive"), "SYSTEM", values);
    return read_file(folder_.file("hive"));
  }
  static std::string patched(std::string hive, const std::vector<Patch>& patches) {
    for (const auto& patch : patches) hive.replace(patch.offset, patch.bytes.size(), patch.bytes);
    return hive;
  }
  static nlohmann::ordered_json values(const std::string& hive) { return disk::Hive(hive).values_of("MountedDevices"); }
  tests::ScratchFolder folder_;
};

RegistryValue mounted(const char* name, std::string bytes) {
  return {"SYSTEM", "MountedDevices", name, Binary{std::move(bytes)}};
}

TEST_F(References, OfAGptAreReplacedAndNothingElse) {
  const IdentityChange change{domain::TableKind::gpt, old_disk, new_disk, {{1U << 20U, old_first, new_first}}};
  const auto before = hive({mounted("C", "DMIO:ID:" + old_first), mounted("D", "DMIO:ID:" + foreign),
                            mounted("E", "x" + old_disk + old_first)});
  const auto after = patched(before, reference_patches(before, change));
  const auto expected = hive({mounted("C", "DMIO:ID:" + new_first), mounted("D", "DMIO:ID:" + foreign),
                              mounted("E", "x" + new_disk + new_first)});
  EXPECT_EQ(values(after), values(expected)) << "as hivex reads them";
  EXPECT_EQ(after.substr(0, 4096), before.substr(0, 4096)) << "the base block";
  EXPECT_EQ(after.size(), before.size());
  EXPECT_TRUE(reference_patches(after, change).empty()) << "idempotent";
}

TEST_F(References, OfAnMbrAreItsSignatureBesideAStartOnly) {
  const std::string old_id = "\x4d\x3c\x2b\x1a";
  const std::string new_id = "\x01\x02\x03\x04";
  const IdentityChange change{domain::TableKind::mbr, old_id, new_id, {{1U << 20U, "", ""}, {9U << 20U, "", ""}}};
  const auto device = [](const std::string& id, std::uint64_t start) {
    std::string bytes(0x58, '\0');
    bytes[0x10] = 6;
    bytes.replace(0x20, 8, start_at(start));
    bytes[0x34] = 1;
    return bytes.replace(0x38, 4, id);
  };
  const auto with = [&](const std::string& id) {
    return hive({mounted("C", id + start_at(9U << 20U)), mounted("D", old_id + start_at(5U << 20U)),
                 mounted("E", device(id, 1U << 20U)), mounted("F", device(old_id, 5U << 20U)), mounted("G", old_id)});
  };
  const auto before = with(old_id);
  const auto after = patched(before, reference_patches(before, change));
  EXPECT_EQ(values(after), values(with(new_id)));
  EXPECT_NE(values(after), values(before));
}

TEST_F(References, AreNotReplacedInAHiveThatALogWouldUndo) {
  const IdentityChange change{domain::TableKind::gpt, old_disk, new_disk, {}};
  (void)hive({mounted("C", "DMIO:ID:" + old_disk)});
  tests::make_hive_dirty(folder_.file("hive"));
  const auto dirty = read_file(folder_.file("hive"));
  EXPECT_THAT(tests::error_of([&] { (void)reference_patches(dirty, change); }).what(), HasSubstr("not written"));
  EXPECT_THAT(tests::error_of([&] { (void)reference_patches("regf", change); }).what(), HasSubstr("no registry hive"));
  const auto garbage = std::string(8192, 'x');
  EXPECT_EQ(tests::error_of([&] { (void)reference_patches(garbage, change); }).code(), ErrorCode::precondition);
}

}  // namespace
}  // namespace rescue::identity
