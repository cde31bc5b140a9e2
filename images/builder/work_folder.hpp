// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Folder in which an image is made: beside the result, so that one rename publishes it, and removed in each other case.

#include "core/handle.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rescue::builder {

/// ".NAME.build" beside the folder NAME of the result, mode 0700, locked while it lives. A folder that a killed build
/// has left is emptied.
class WorkFolder {
public:
  /// Throws `conflict` if the result exists, or another build makes it; `io`.
  explicit WorkFolder(const std::string& result);
  /// Removes it, unless it is kept.
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  /// Folder of the files that are published.
  [[nodiscard]] std::string result() const { return file("result"); }
  /// Leaves the folder for a person to look at.
  void keep() noexcept { keep_ = true; }
  /// Syncs the files, and renames their folder to the result. Throws `conflict` if that exists by now, `io`.
  void publish();

private:
  void lock();

  std::string result_;
  std::string path_;
  FileDescriptor lock_;
  bool keep_ = false;
};

/// Overwrites the file with zeros before it is removed. Does nothing if it does not exist; never throws. A file system
/// that writes elsewhere (copy on write, flash) may keep the old blocks.
void wipe_file(const std::string& path) noexcept;

/// Bytes that an unprivileged user can still write to the file system of `path`. Throws `io`.
[[nodiscard]] std::uint64_t free_room(const std::string& path);

/// Throws `precondition` with both figures if less than `bytes` are free. For the beginning of a build.
void require_room(const std::string& path, std::uint64_t bytes);

/// Throws `io` if less than the reserve of 128 MiB is left: a guest whose disk can't be written would only stop. For
/// the time while something writes.
void require_reserve(const std::string& path);

}  // namespace rescue::builder
