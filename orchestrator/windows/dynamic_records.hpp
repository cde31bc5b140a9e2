// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads records (VBLK) of the database of Windows' dynamic disks.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::windows_disk {

enum class ComponentKind : std::uint8_t { striped = 1, spanned = 2, raid = 3 };

struct VolumeRecord {
  std::uint64_t number = 0;
  std::string name;
  std::uint64_t components = 0;
  std::uint64_t sectors = 0;
  std::string id;
  std::string hint;
};
/// A copy of a volume.
struct ComponentRecord {
  std::uint64_t number = 0;
  std::uint64_t volume = 0;
  ComponentKind kind = ComponentKind::spanned;
};
/// A piece of a disk, part of a component.
struct PieceRecord {
  std::uint64_t number = 0;
  std::uint64_t component = 0;
  std::uint64_t disk = 0;
  std::uint64_t index = 0;
};
struct DiskRecord {
  std::uint64_t number = 0;
  std::string name;
  std::string id;
};

struct DynamicRecords {
  std::vector<VolumeRecord> volumes;
  std::vector<ComponentRecord> components;
  std::vector<PieceRecord> pieces;
  std::vector<DiskRecord> disks;
};

/// Adds one record: its header of 8 bytes and what follows. Returns false if it is damaged, of an unknown kind, or one
/// too many (1,024 of each kind).
[[nodiscard]] bool add_record(std::string_view record, DynamicRecords& into);

}  // namespace rescue::windows_disk
