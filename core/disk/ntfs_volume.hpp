// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads files of an NTFS volume on a disk, by libntfs-3g, without changing a byte of it.

#include "core/disk/disk_bytes.hpp"
#include "core/disk/extent.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

struct _ntfs_volume;

namespace rescue::disk {

/// State of a file. Its content can't be read if it is compressed by WOF: a reader that does not know it sees zeros.
struct FileState {
  std::uint64_t bytes = 0;
  bool folder = false;
  bool wof_compressed = false;
  std::int64_t modified = 0;  ///< when its content was changed, in seconds since 1970
};

class NtfsVolume {
public:
  /// Mounts in this process, read-only, without a look at its journal. Throws `precondition` with the reason if the
  /// volume is damaged. `disk` must live as long.
  NtfsVolume(const DiskBytes& disk, std::uint64_t start, std::uint64_t bytes);
  ~NtfsVolume();
  NtfsVolume(const NtfsVolume&) = delete;
  NtfsVolume& operator=(const NtfsVolume&) = delete;

  /// True if Windows set the flag "check this volume".
  [[nodiscard]] bool dirty() const;
  /// True if the journal has transactions that are not in the volume yet.
  [[nodiscard]] bool journal_is_unclean() const;
  /// True if hiberfil.sys holds a Windows that sleeps, or that was stopped by fast startup.
  [[nodiscard]] bool hibernated() const;

  /// Paths use '/' and are compared as Windows compares them. None if there is no such file.
  [[nodiscard]] std::optional<FileState> state(const std::string& path) const;
  /// Reads the whole file. None if it does not exist, is larger than `largest` bytes, WOF-compressed, or damaged.
  [[nodiscard]] std::optional<std::string> read(const std::string& path, std::uint64_t largest) const;
  /// Writes the whole file to `descriptor`, some 256 KiB at a time. False in the cases of `read`; throws `io` if it
  /// can't be written.
  [[nodiscard]] bool copy(const std::string& path, std::uint64_t largest, int descriptor) const;
  /// Where the file's bytes lie on the disk, in the order of the file. None in the cases of `read`, and for a file that
  /// is not on the disk byte for byte: small and in its record, sparse, compressed, encrypted, or partly not written.
  [[nodiscard]] std::optional<std::vector<Extent>> extents_of(const std::string& path) const;
  /// Names in a folder, without those that are not ASCII; at most 50,000. Empty if there is no such folder.
  [[nodiscard]] std::vector<std::string> names_in(const std::string& path) const;
  /// The volume of libntfs-3g, for other readers of this library.
  [[nodiscard]] _ntfs_volume* handle() const noexcept;

private:
  struct Mounted;
  template <class Take>
  [[nodiscard]] bool read_by_parts(const std::string& path, std::uint64_t largest, Take take) const;
  std::unique_ptr<Mounted> mounted_;
};

}  // namespace rescue::disk
