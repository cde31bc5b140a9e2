// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes files of a volume into a folder of this host, and nowhere else.

#include "core/handle.hpp"
#include "orchestrator/cli/file_walk.hpp"

#include <string>
#include <vector>

namespace rescue::cli {

/// No symbolic link is followed below the folder. A file gets its name once it is complete. Runs of zeros become holes.
class FolderSink final : public FileSink {
public:
  /// Makes the folder if it does not exist. `replace`: replace files that exist. Throws `io`.
  FolderSink(const std::string& folder, bool replace);
  /// Removes the files that were not confirmed since they were written: a guest may have written meanwhile.
  ~FolderSink() override;
  FolderSink(const FolderSink&) = delete;
  FolderSink& operator=(const FolderSink&) = delete;

  void enter(const disk::FileEntry& entry) override;
  void leave(const disk::FileEntry& entry) override;
  void file(const disk::FileEntry& entry, FileContent& content) override;
  void confirm() override { unconfirmed_.clear(); }
  /// Writes all of it to the disk. Throws `io`.
  void sync() const;

private:
  [[nodiscard]] int here() const noexcept { return folders_.back().get(); }
  [[nodiscard]] std::string relative(const std::string& name) const;

  std::vector<FileDescriptor> folders_;  ///< from the root of the copy to where it is
  std::vector<std::string> names_;
  bool replace_;
  std::vector<std::string> unconfirmed_;  ///< paths below the root of the copy
};

}  // namespace rescue::cli
