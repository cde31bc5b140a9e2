// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The UDF side of an ISO image, by libudfread: the only side on which Microsoft's media have their files.

#include "images/media/medium.hpp"

struct udfread;

namespace rescue::media {

class UdfMedium final : public Medium {
public:
  /// Lists the volume. Throws `precondition` if its structures can't be read.
  explicit UdfMedium(const std::string& path);
  ~UdfMedium() override;
  UdfMedium(const UdfMedium&) = delete;
  UdfMedium& operator=(const UdfMedium&) = delete;
  /// Seeks: the end of a file of many GiB costs no more than its beginning.
  [[nodiscard]] std::string read(const MediumFile& file, std::uint64_t offset, std::size_t size) const override;

private:
  udfread* volume_;
};

}  // namespace rescue::media
