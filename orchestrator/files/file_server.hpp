// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers requests for the files of one volume.

#include "core/disk/ntfs_tree.hpp"
#include "orchestrator/files/channel.hpp"
#include "orchestrator/files/protocol.hpp"

#include <map>
#include <memory>

namespace rescue::files {

class FileServer {
public:
  /// `volume` must live as long.
  explicit FileServer(const disk::NtfsVolume& volume) : volume_(volume), tree_(volume) {}

  /// Answers until the peer closes the channel. Throws what the channel throws, and for a malformed request.
  void serve(const Channel& channel);

private:
  [[nodiscard]] Answer answer(const Request& request);
  void list(const Channel& channel, const std::string& path) const;
  [[nodiscard]] Answer opened(const std::string& path);
  [[nodiscard]] Answer read(const Request& request);

  const disk::NtfsVolume& volume_;
  disk::NtfsTree tree_;
  std::map<std::uint32_t, std::unique_ptr<disk::NtfsTree::OpenFile>> open_;
  std::uint32_t last_handle_ = 0;
};

/// Answers every request with this error, until the peer closes the channel.
void serve_error(const Channel& channel, const std::exception& error);

}  // namespace rescue::files
