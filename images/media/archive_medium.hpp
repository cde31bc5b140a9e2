// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ISO 9660 images (virtio-win's have no UDF side) and zips, by libarchive.

#include "images/media/medium.hpp"

namespace rescue::media {

class ArchiveMedium final : public Medium {
public:
  /// Lists the archive. Throws `precondition` if it can't be read.
  ArchiveMedium(const std::string& path, const std::string& form);
  /// Walks the archive from its beginning: for small files.
  [[nodiscard]] std::string read(const MediumFile& file, std::uint64_t offset, std::size_t size) const override;
};

}  // namespace rescue::media
