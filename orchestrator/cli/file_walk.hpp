// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Walks through folders of a volume and hands what is there to a sink: files on this host, or an archive.

#include "orchestrator/cli/volume_source.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

namespace rescue::cli {

/// The bytes of one file of a volume, in order.
class FileContent {
public:
  virtual ~FileContent() = default;
  /// Next part, up to 1 MiB; empty at the end. Throws `disk`, and `conflict` if files may not be read any more.
  [[nodiscard]] virtual std::string next() = 0;
};

/// Takes files and folders. `entry.name` is a local name (files::is_local_name).
class FileSink {
public:
  virtual ~FileSink() = default;
  /// Enters a folder; what follows is in it until `leave`. An error with the code `usage` or `precondition` is of this
  /// folder alone.
  virtual void enter(const disk::FileEntry& entry) = 0;
  virtual void leave(const disk::FileEntry& entry) = 0;
  /// Takes a file. An error with the code `usage`, `precondition` or `disk` is of this file alone.
  virtual void file(const disk::FileEntry& entry, FileContent& content) = 0;
  /// All that was taken before is good: rescued has said that nobody writes.
  virtual void confirm() {}
};

struct WalkTotals {
  std::uint64_t files = 0;
  std::uint64_t folders = 0;
  std::uint64_t links = 0;  ///< left out
  std::uint64_t bytes = 0;
  struct Problem {
    std::string path;
    std::string text;
  };
  std::vector<Problem> problems;  ///< the first 1,000
  std::uint64_t failed = 0;       ///< how many there are
};

class FileWalk {
public:
  /// `report` is called after each part that was read.
  FileWalk(VolumeSource& source, OpenVolume& volume, FileSink& sink, std::function<void(const WalkTotals&)> report)
      : source_(source), volume_(volume), sink_(sink), report_(std::move(report)) {}

  /// Hands a file, or a folder with all that is in it, to the sink as `name`. A fault of one file is a problem in the
  /// totals, and the others follow. Throws what ends the walk: `conflict`, a fault of the sink, a reader that fails
  /// again and again.
  void walk(const std::string& path, const std::string& name);

  [[nodiscard]] const WalkTotals& totals() const noexcept { return totals_; }

private:
  void visit(const std::string& path, const disk::FileEntry& entry, unsigned depth);
  void visit_folder(const std::string& path, const disk::FileEntry& entry, unsigned depth);
  void visit_file(const std::string& path, const disk::FileEntry& entry);
  void note_problem(const std::string& path, const std::string& text);
  /// Calls `act`; notes an error that is of this path alone. Returns false then.
  bool attempt(const std::string& path, const std::function<void()>& act);
  void check();

  VolumeSource& source_;
  OpenVolume& volume_;
  FileSink& sink_;
  std::function<void(const WalkTotals&)> report_;
  WalkTotals totals_;
  std::unordered_set<std::uint64_t> folders_seen_;
};

}  // namespace rescue::cli
