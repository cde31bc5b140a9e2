// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Copies the metadata of a WIM file from a medium into a sparse file that libwim reads as the whole.

#include "images/media/medium.hpp"
#include "images/windows/scratch.hpp"

#include <string>

namespace rescue::windows {

/// A sparse file in a folder of its own, removed with this object.
class WimMetadata {
public:
  /// Copies header, table of blobs, headers of solid resources and XML ("Windows Imaging File Format", Microsoft,
  /// 2007). Throws `precondition` if the file is no WIM or is encrypted, `io` if the medium is damaged.
  WimMetadata(const media::Medium& medium, const media::MediumFile& file);
  [[nodiscard]] std::string path() const { return folder_.file("metadata.wim"); }
  [[nodiscard]] unsigned part() const noexcept { return part_; }
  [[nodiscard]] unsigned parts() const noexcept { return parts_; }

private:
  ScratchFolder folder_;
  unsigned part_ = 0;
  unsigned parts_ = 0;
};

}  // namespace rescue::windows
