// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot profile: the chunks that a guest reads while it boots, in their order; recorded once, fetched first later.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::stream {

/// Parses "rescue-boot-profile 1" and a chunk number in each line. The file is not signed, since it decides nothing but
/// the order: lines that are no chunk of the file, and repeated ones, are ignored. Empty for another format.
[[nodiscard]] std::vector<std::size_t> parse_boot_profile(std::string_view text, std::size_t chunks);

[[nodiscard]] std::string boot_profile_text(const std::vector<std::size_t>& chunks);

}  // namespace rescue::stream
