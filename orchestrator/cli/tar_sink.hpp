// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes files of a volume as an archive (pax, by libarchive).

#include "orchestrator/cli/file_walk.hpp"

#include <memory>
#include <string>

namespace rescue::cli {

class TarSink final : public FileSink {
public:
  /// Writes to `descriptor`, which stays the caller's. Throws `io`.
  explicit TarSink(int descriptor);
  ~TarSink() override;
  TarSink(const TarSink&) = delete;
  TarSink& operator=(const TarSink&) = delete;

  void enter(const disk::FileEntry& entry) override;
  void leave(const disk::FileEntry& entry) override;
  /// A file whose end can't be read ends in zeros: its size was written before.
  void file(const disk::FileEntry& entry, FileContent& content) override;
  /// Ends the archive. Without it, it is incomplete, and programs say so. Throws `io`.
  void finish();

private:
  struct Archive;
  void header(const disk::FileEntry& entry, const std::string& path);
  std::unique_ptr<Archive> archive_;
  std::string folder_;  ///< with a slash at its end, or empty
};

}  // namespace rescue::cli
