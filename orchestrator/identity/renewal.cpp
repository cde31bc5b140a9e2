// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/renewal.hpp"

#include "core/error.hpp"
#include "orchestrator/identity/raw_table.hpp"
#include "orchestrator/identity/volume_header.hpp"
#include "orchestrator/identity/windows_references.hpp"
#include "orchestrator/windows/contents.hpp"
#include "orchestrator/windows/guid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>

namespace rescue::identity {
namespace {

using domain::TableKind;

constexpr std::size_t guid_length = 16;
constexpr std::size_t signature_length = 4;

/// In digits, as Windows shows it.
std::string id_text(const std::string& id) {
  if (id.size() == guid_length) return windows_disk::guid_of(id, 0);
  return serial_text(id);
}

[[noreturn]] void keep(const std::string& why) { throw Error(ErrorCode::precondition, why); }

/// Makes numbers that no disk has.
class Numbers {
public:
  Numbers(const std::vector<std::string>& taken, const RandomBytes& random)
      : taken_(taken.begin(), taken.end()), random_(random) {}

  void also_taken(const domain::DiskIdentity& identity) {
    for (auto& number : domain::numbers_of(identity)) taken_.insert(std::move(number));
  }
  std::string guid() {
    return fresh(guid_length, [](std::string& bytes) {
      // Version 4 and its variant (RFC 9562, 5.4); the third field is little-endian on disks.
      bytes[7] = static_cast<char>((static_cast<unsigned char>(bytes[7]) & 0x0fU) | 0x40U);
      bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3fU) | 0x80U);
    });
  }
  std::string number(std::size_t length) {
    return fresh(length, [](std::string&) {});
  }

private:
  template <class Shape>
  std::string fresh(std::size_t length, Shape shape) {
    constexpr unsigned most_attempts = 1000;
    std::string bytes(length, '\0');
    for (unsigned i = 0; i < most_attempts; ++i) {
      random_(bytes.data(), bytes.size());
      shape(bytes);
      const bool is_zero = bytes.find_first_not_of('\0') == std::string::npos;
      if (!is_zero && taken_.insert(id_text(bytes)).second) return bytes;
    }
    throw Error(ErrorCode::internal, "no new number was found: the random numbers repeat");
  }

  std::set<std::string> taken_;
  const RandomBytes& random_;
};

void require_changeable(const disk::DiskBytes& disk, const RawTable& table) {
  if (table.kind == TableKind::none) keep("it has no partition table");
  for (const auto& partition : table.partitions) {
    const auto volume = read_volume_header(disk, partition.start, partition.bytes);
    const auto type = partition.type.size() == guid_length
                          ? windows_disk::guid_of(partition.type, 0)
                          : fmt::format("0x{:02x}", static_cast<unsigned char>(partition.type.front()));
    const bool is_plain = windows_disk::content_by_type(type) == domain::Content::unknown;
    if (!is_plain || volume.kind == "bitlocker" || volume.kind == "refs") {
      keep(fmt::format("partition {} is {}, and what it says about the disk can't be seen", partition.number,
                       is_plain ? "a volume of " + volume.kind : "of a dynamic disk or a storage pool"));
    }
  }
  if (table.kind != TableKind::gpt) return;
  // Equal ones can't be told apart where they are referred to.
  std::set<std::string> ids{table.id};
  for (const auto& partition : table.partitions) {
    const bool is_set = partition.id.find_first_not_of('\0') != std::string::npos;
    if (!is_set || !ids.insert(partition.id).second) {
      keep(fmt::format("the GUID of partition {} is not set, or not its own", partition.number));
    }
  }
}

IdentityChange new_ids(const RawTable& table, Numbers& numbers) {
  IdentityChange change;
  change.table = table.kind;
  change.old_id = table.id;
  const bool gpt = table.kind == TableKind::gpt;
  change.new_id = gpt ? numbers.guid() : numbers.number(signature_length);
  for (const auto& partition : table.partitions) {
    change.partitions.push_back({partition.start, partition.id, gpt ? numbers.guid() : ""});
  }
  return change;
}

/// Serial number and hives of a volume. The hives come first: nothing is changed if they can't be.
void add_volume(std::vector<Patch>& patches, const disk::DiskBytes& disk, const RawPartition& partition,
                const IdentityChange& change, Numbers& numbers) {
  const auto volume = read_volume_header(disk, partition.start, partition.bytes);
  if (volume.kind != "fat" && volume.kind != "ntfs") return;
  const auto kind = volume.kind == "fat" ? VolumeKind::fat : VolumeKind::ntfs;
  try {
    auto references = patches_of_volume(disk, kind, partition.start, partition.bytes, change);
    std::move(references.begin(), references.end(), std::back_inserter(patches));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    keep(fmt::format("partition {}: {}", partition.number, error.what()));
  }
  if (volume.serial.empty()) return;
  const auto serial = numbers.number(volume.serial.size());
  for (const auto place : volume.places) patches.push_back({place, serial});
}

/// Checks that a reader finds then what is planned.
void require_new(const domain::DiskIdentity& old, const Renewal& renewal, const IdentityChange& change) {
  const auto before = domain::numbers_of(old);
  const std::set<std::string> old_numbers(before.begin(), before.end());
  const auto after = domain::numbers_of(renewal.identity);
  const bool is_new =
      renewal.identity.id == id_text(change.new_id) && renewal.identity.table == old.table &&
      renewal.identity.partitions.size() == old.partitions.size() &&
      std::none_of(after.begin(), after.end(), [&](const std::string& number) { return old_numbers.contains(number); });
  if (!is_new) throw Error(ErrorCode::precondition, "its changes contradict each other");
}

}  // namespace

domain::DiskIdentity identity_of(const disk::DiskBytes& disk) {
  const auto table = read_raw_table(disk);
  domain::DiskIdentity identity;
  identity.table = table.kind;
  if (!table.id.empty()) identity.id = id_text(table.id);
  for (const auto& partition : table.partitions) {
    const auto volume = read_volume_header(disk, partition.start, partition.bytes);
    identity.partitions.push_back(
        {partition.number, partition.id.empty() ? "" : id_text(partition.id), serial_text(volume.serial)});
  }
  if (table.kind == TableKind::none) {
    const auto volume = read_volume_header(disk, 0, disk.size());
    if (!volume.serial.empty()) identity.partitions.push_back({0, "", serial_text(volume.serial)});
  }
  return identity;
}

Renewal plan_renewal(const disk::DiskBytes& disk, const std::vector<std::string>& taken, const RandomBytes& random) {
  const auto table = read_raw_table(disk);
  require_changeable(disk, table);
  const auto old = identity_of(disk);
  Numbers numbers(taken, random);
  numbers.also_taken(old);
  const auto change = new_ids(table, numbers);
  Renewal renewal;
  for (const auto& partition : table.partitions) add_volume(renewal.patches, disk, partition, change, numbers);
  std::vector<std::string> partition_ids;
  for (const auto& partition : change.partitions) partition_ids.push_back(partition.new_id);
  auto of_table = table_patches(table, disk.sector_size(), change.new_id, partition_ids);
  std::move(of_table.begin(), of_table.end(), std::back_inserter(renewal.patches));
  renewal.identity = identity_of(PatchedDisk(disk, renewal.patches));
  require_new(old, renewal, change);
  return renewal;
}

}  // namespace rescue::identity
