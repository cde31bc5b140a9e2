// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads files of a FAT volume, as EFI system partitions are. Debian has no library for it.

#include "core/disk/disk_bytes.hpp"
#include "core/disk/extent.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::disk {

/// FAT12, FAT16 and FAT32 ("FAT: General Overview of On-Disk Format" 1.03). Every chain is bounded by the volume's
/// clusters: a loop ends the reading.
class FatVolume {
public:
  /// A file or folder in a folder.
  struct Item {
    std::string name;  ///< long where there is a long one
    std::uint64_t bytes = 0;
    bool folder = false;
  };

  /// Reads the boot sector and one copy of the FAT. Throws `precondition` with the reason if the volume is damaged.
  /// `disk` must live as long.
  FatVolume(const DiskBytes& disk, std::uint64_t start, std::uint64_t bytes);

  /// Paths use '/' and are compared without regard to case in ASCII. None if there is no such file.
  [[nodiscard]] std::optional<std::uint64_t> size_of(const std::string& path) const;
  /// Reads the whole file. None if it does not exist, is a folder, is larger than `largest` bytes, or damaged.
  [[nodiscard]] std::optional<std::string> read(const std::string& path, std::uint64_t largest) const;
  /// Where the file's bytes lie on the disk, in the order of the file. None in the cases of `read`.
  [[nodiscard]] std::optional<std::vector<Extent>> extents_of(const std::string& path) const;
  /// Names in a folder, long where there is a long one; at most 4,096. Empty if there is no such folder.
  [[nodiscard]] std::vector<std::string> names_in(const std::string& path) const;
  /// Files and folders in a folder; at most 4,096. Empty if there is no such folder.
  [[nodiscard]] std::vector<Item> items_in(const std::string& path) const;

private:
  struct Entry {
    std::string name;        ///< long, or in 8.3 form; as UTF-8
    std::string short_name;  ///< "BOOTMG~1.EFI"
    std::uint32_t cluster = 0;
    std::uint32_t bytes = 0;
    bool folder = false;
  };
  [[nodiscard]] std::optional<std::string> content_of(std::uint32_t cluster, std::uint64_t most) const;
  [[nodiscard]] std::uint32_t next_of(std::uint32_t cluster) const;
  [[nodiscard]] std::vector<Entry> entries_of(const Entry& folder) const;
  [[nodiscard]] std::optional<Entry> find(const std::string& path) const;
  [[nodiscard]] bool read_at(void* into, std::size_t size, std::uint64_t offset) const noexcept;

  const DiskBytes& disk_;
  std::uint64_t start_;
  std::uint64_t bytes_;
  std::uint64_t cluster_bytes_ = 0;
  std::uint64_t root_at_ = 0;  ///< FAT12 and FAT16
  std::uint64_t root_bytes_ = 0;
  std::uint64_t data_at_ = 0;
  std::uint32_t clusters_ = 0;
  std::uint32_t root_cluster_ = 0;  ///< FAT32
  unsigned bits_ = 0;               ///< of an entry of the FAT: 12, 16 or 32
  std::string fat_;
};

}  // namespace rescue::disk
