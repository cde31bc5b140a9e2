// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Asks rescue-files for the files of a volume.

#include "core/handle.hpp"
#include "orchestrator/files/channel.hpp"
#include "orchestrator/files/child.hpp"
#include "orchestrator/files/protocol.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rescue::files {

/// Not thread-safe. Every call blocks for a minute at most, or throws `timeout`; then, and after `subprocess` (the
/// reader has ended, or sends nonsense), it can't be used any more. Paths have '/' between names.
class VolumeReader {
public:
  /// Speaks to a rescue-files at the other end of `socket`.
  explicit VolumeReader(FileDescriptor socket);

  [[nodiscard]] VolumeState state();
  /// Throws `not_found`, `disk`.
  [[nodiscard]] disk::FileEntry stat(const std::string& path);
  /// Passes each entry of a folder on. Throws `not_found`; `precondition` if it is no folder; `disk`, at the end, if
  /// names are missing; what `take` throws at the end of the list.
  void list(const std::string& path, const std::function<void(disk::FileEntry&&)>& take);
  struct Opened {
    std::uint32_t handle = 0;
    disk::FileEntry entry;
  };
  /// Throws `not_found`; `precondition` if the content can't be read.
  [[nodiscard]] Opened open(const std::string& path);
  /// Reads `length` bytes (up to `largest_read`), fewer at the end. Throws `disk`.
  [[nodiscard]] std::string read(std::uint32_t handle, std::uint64_t offset, std::uint32_t length);
  void close(std::uint32_t handle);

private:
  [[nodiscard]] Answer ask(const Request& request, AnswerKind expected);
  [[nodiscard]] Answer receive();

  FileDescriptor socket_;
  Channel channel_;
};

/// Starts rescue-files, which is at `program`, for a partition of the disk that is open for reading; `socket` is its
/// end.
[[nodiscard]] Child start_reader(const std::string& program, int disk, unsigned partition,
                                 const FileDescriptor& socket);

/// Warnings about a volume whose last changes are elsewhere; empty: there are none.
[[nodiscard]] std::vector<std::string> warnings_of(const VolumeState& state);

}  // namespace rescue::files
