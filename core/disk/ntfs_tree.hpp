// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Folders and files of an NTFS volume, for whoever copies them: only what can be read right is read.

#include "core/disk/file_entry.hpp"
#include "core/disk/ntfs_volume.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace rescue::disk {

/// Paths use '/' and are compared as Windows compares them, after an exact match. "" and "/" are the root. NTFS' own
/// files ($MFT, ...) are hidden, links are not followed.
class NtfsTree {
public:
  /// `volume` must live as long.
  explicit NtfsTree(const NtfsVolume& volume) : volume_(volume) {}

  /// Throws `not_found`; `disk` if the record is damaged.
  [[nodiscard]] FileEntry stat(const std::string& path) const;
  /// Passes each name of the folder on, in NTFS' order; one whose record is damaged has its `problem`. Throws
  /// `not_found`; `precondition` if it is no folder; `disk`, after the names that were found, if its index is damaged;
  /// what `take` throws.
  void list(const std::string& path, const std::function<void(const FileEntry&)>& take) const;

  class OpenFile {
  public:
    virtual ~OpenFile() = default;
    OpenFile() = default;
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    [[nodiscard]] virtual const FileEntry& entry() const noexcept = 0;
    /// Reads up to `size` bytes at `offset`; 0 at the end. Throws `disk` if a range can't be read.
    [[nodiscard]] virtual std::size_t read(std::uint64_t offset, void* into, std::size_t size) = 0;
  };
  /// Throws `not_found`; `precondition` with the reason if it is no file, or its content can't be read right.
  [[nodiscard]] std::unique_ptr<OpenFile> open(const std::string& path) const;

private:
  const NtfsVolume& volume_;
};

}  // namespace rescue::disk
