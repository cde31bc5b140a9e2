// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A folder with the layout of a medium: an unpacked ISO, or drivers that a package has installed.

#include "images/media/medium.hpp"

namespace rescue::media {

class FolderMedium final : public Medium {
public:
  /// Lists the folder; does not follow symbolic links to folders. Throws `io`.
  explicit FolderMedium(const std::string& folder);
  [[nodiscard]] std::string read(const MediumFile& file, std::uint64_t offset, std::size_t size) const override;
};

}  // namespace rescue::media
