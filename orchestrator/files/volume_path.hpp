// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How people name files of volumes, and which names of a volume may become names on this host.

#include <optional>
#include <string>
#include <string_view>

namespace rescue::files {

struct VolumePath {
  std::string letter;  ///< "C"; empty: none is named
  std::string disk;    ///< "/dev/sda"; empty: none is named
  std::optional<unsigned> partition{};
  std::string path;  ///< "Users/me", without slashes at its ends; empty: the volume's root
  friend bool operator==(const VolumePath&, const VolumePath&) = default;

  [[nodiscard]] bool names_a_volume() const noexcept { return !letter.empty() || partition.has_value(); }
};

/// Parses "C:\\Users\\me", "C:/Users", "/dev/sda:3:/Users", "3:/Users" (a partition of the only disk) or "/Users" (of
/// the only volume). Backslashes are slashes; "." and ".." are resolved. Throws `usage`.
[[nodiscard]] VolumePath parse_volume_path(std::string_view text);

/// Path with '/' between names, without "." and "..": "..", too, ends at the root.
[[nodiscard]] std::string normalized(std::string_view path);

/// True if a name of a volume can be made as a name in a folder here: it is neither empty nor "." nor "..", and has
/// neither a slash nor a NUL.
[[nodiscard]] bool is_local_name(std::string_view name) noexcept;

}  // namespace rescue::files
