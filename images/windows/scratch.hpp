// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Temporary folder for copies of a medium's files that other programs read by their paths.

#include <cstdint>
#include <string>
#include <string_view>

namespace rescue::windows {

/// In TMPDIR, else /tmp; removed with this object. Throws `io` with a hint if there is no room.
class ScratchFolder {
public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] std::string file(std::string_view name) const;
  /// Writes a new file, and returns its path.
  std::string write(std::string_view name, std::string_view content) const;

private:
  std::string path_;
};

/// File with holes: `size` bytes, of which only what is written takes room.
class SparseFile {
public:
  SparseFile(const std::string& path, std::uint64_t size);
  ~SparseFile();
  SparseFile(const SparseFile&) = delete;
  SparseFile& operator=(const SparseFile&) = delete;
  void write(std::string_view bytes, std::uint64_t offset) const;

private:
  std::string path_;
  int fd_;
};

}  // namespace rescue::windows
