// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads reparse points of NTFS: links, and files whose content is elsewhere ([MS-FSCC] 2.1.2).

#include <cstdint>
#include <string>
#include <string_view>

namespace rescue::disk {

struct ReparsePoint {
  std::uint32_t tag = 0;
  std::string target;  ///< of a link, as Windows shows it; empty if it is damaged

  /// A symbolic link, a junction, or a mount point.
  [[nodiscard]] bool is_link() const noexcept;
};

/// Parses the content of an attribute $REPARSE_POINT; one that is too short has the tag 0.
[[nodiscard]] ReparsePoint parse_reparse_point(std::string_view bytes);

/// Reason why a file's content can't be read from its clusters; empty: it can. `complete`: no range of it is missing.
[[nodiscard]] std::string obstacle_of(const ReparsePoint& point, bool complete);

/// UTF-16 (little endian) as UTF-8. A surrogate without a partner becomes three bytes, so that names stay different.
[[nodiscard]] std::string utf8_of_utf16(std::string_view bytes);

}  // namespace rescue::disk
