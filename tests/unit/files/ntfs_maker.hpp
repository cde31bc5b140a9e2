// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes NTFS volumes with what only Windows, or somebody hostile, puts there. By mkntfs and libntfs-3g.

#include "tests/doubles/scratch_folder.hpp"

#include <string>

namespace rescue::tests {

/// An image of a volume without a partition table, and its files. Paths of folders are "" or "Folder".
class NtfsMaker {
public:
  /// True if mkntfs is installed.
  [[nodiscard]] static bool possible();

  explicit NtfsMaker(std::uint64_t bytes = 32U << 20U);

  void folder(const std::string& name) const;
  void file(const std::string& folder, const std::string& name, const std::string& content) const;
  /// "file-00000.txt", ... with their number.
  void files(const std::string& folder, int count) const;
  /// A file that NTFS compresses (LZNT1).
  void compressed(const std::string& name, const std::string& content) const;
  /// Sparse, with `tail` at its end.
  void sparse(const std::string& name, std::uint64_t bytes, const std::string& tail) const;
  /// A file whose attributes say that it is encrypted; "Folder/name".
  void encrypted(const std::string& path) const;
  /// A file or folder with the bytes of a reparse point.
  void reparse_point(const std::string& name, const std::string& bytes, bool folder) const;
  /// Overwrites the record of a file in the file table.
  void damage(const std::string& name) const;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  ScratchFolder scratch_;
  std::string path_;
};

}  // namespace rescue::tests
