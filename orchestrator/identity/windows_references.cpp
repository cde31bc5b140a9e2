// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/windows_references.hpp"

#include "core/disk/fat_volume.hpp"
#include "core/disk/ntfs_volume.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

namespace rescue::identity {
namespace {

using Extents = std::optional<std::vector<disk::Extent>>;

constexpr std::uint64_t largest_hive = 256U << 20U;
/// Boot configurations of UEFI (of Windows, and of its recovery) and of BIOS.
constexpr std::array<const char*, 3> boot_stores{"EFI/Microsoft/Boot/BCD", "EFI/Microsoft/Recovery/BCD", "Boot/BCD"};

[[noreturn]] void refuse_file(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::precondition, fmt::format("{} can't be changed: {}", path, why));
}

std::string content_of(const disk::DiskBytes& disk, const std::vector<disk::Extent>& extents, const std::string& path) {
  const auto size = std::accumulate(extents.begin(), extents.end(), std::uint64_t{0},
                                    [](std::uint64_t sum, const disk::Extent& extent) { return sum + extent.bytes; });
  if (size > largest_hive) refuse_file(path, "it is too large");
  std::string content(size, '\0');
  std::size_t at = 0;
  for (const auto& extent : extents) {
    if (!disk.read(content.data() + at, extent.bytes, extent.start)) refuse_file(path, "it can't be read");
    at += extent.bytes;
  }
  return content;
}

/// A change to a file, as changes to the disk: it may be in two of the file's parts.
void add_on_disk(std::vector<Patch>& on_disk, const std::vector<disk::Extent>& extents, const Patch& patch) {
  std::uint64_t begin = 0;
  for (const auto& extent : extents) {
    const auto first = std::max(begin, patch.offset);
    const auto last = std::min(begin + extent.bytes, patch.offset + patch.bytes.size());
    if (first < last) {
      on_disk.push_back({extent.start + (first - begin), patch.bytes.substr(first - patch.offset, last - first)});
    }
    begin += extent.bytes;
  }
}

void add_file(std::vector<Patch>& patches, const disk::DiskBytes& disk, const std::string& path, const Extents& extents,
              const IdentityChange& change) {
  if (!extents) refuse_file(path, "it is compressed, sparse, encrypted or damaged");
  const auto content = content_of(disk, *extents, path);
  try {
    for (const auto& patch : reference_patches(content, change)) add_on_disk(patches, *extents, patch);
  } catch (const Error& error) {
    refuse_file(path, error.what());
  }
}

std::vector<Patch> patches_of_fat(const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes,
                                  const IdentityChange& change) {
  const disk::FatVolume volume(disk, start, bytes);
  std::vector<Patch> patches;
  for (const std::string path : boot_stores) {
    if (volume.size_of(path)) add_file(patches, disk, path, volume.extents_of(path), change);
  }
  return patches;
}

std::vector<Patch> patches_of_ntfs(const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes,
                                   const IdentityChange& change) {
  const disk::NtfsVolume volume(disk, start, bytes);
  if (volume.hibernated()) throw Error(ErrorCode::precondition, "its Windows sleeps, or was stopped by fast startup");
  if (volume.journal_is_unclean()) throw Error(ErrorCode::precondition, "an NTFS volume was not unmounted");
  std::vector<std::string> paths(boot_stores.begin(), boot_stores.end());
  for (const auto& name : volume.names_in("/")) paths.push_back(name + "/System32/config/SYSTEM");
  std::vector<Patch> patches;
  for (const auto& name : paths) {
    const auto path = "/" + name;
    if (const auto state = volume.state(path); state && !state->folder) {
      add_file(patches, disk, name, volume.extents_of(path), change);
    }
  }
  return patches;
}

}  // namespace

std::vector<Patch> patches_of_volume(const disk::DiskBytes& disk, VolumeKind kind, std::uint64_t start,
                                     std::uint64_t bytes, const IdentityChange& change) {
  return kind == VolumeKind::fat ? patches_of_fat(disk, start, bytes, change)
                                 : patches_of_ntfs(disk, start, bytes, change);
}

}  // namespace rescue::identity
