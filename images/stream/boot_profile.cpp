// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/stream/boot_profile.hpp"

#include <algorithm>
#include <charconv>

namespace rescue::stream {
namespace {

constexpr std::string_view head = "rescue-boot-profile 1\n";

}  // namespace

std::vector<std::size_t> parse_boot_profile(std::string_view text, std::size_t chunks) {
  std::vector<std::size_t> profile;
  if (!text.starts_with(head)) return profile;
  text.remove_prefix(head.size());
  std::vector<bool> seen(chunks);
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    std::size_t chunk = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), chunk);
    if (error == std::errc{} && end == line.data() + line.size() && chunk < chunks && !seen[chunk]) {
      seen[chunk] = true;
      profile.push_back(chunk);
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return profile;
}

std::string boot_profile_text(const std::vector<std::size_t>& chunks) {
  std::string text(head);
  for (const auto chunk : chunks) text += std::to_string(chunk) + "\n";
  return text;
}

}  // namespace rescue::stream
