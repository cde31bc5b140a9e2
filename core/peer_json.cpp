// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/peer_json.hpp"

#include <nlohmann/json.hpp>

namespace rescue {

bool is_nested_deeper(std::string_view text, std::size_t depth) noexcept {
  std::size_t open = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++open > depth) return true;
    } else if ((c == ']' || c == '}') && open > 0) {
      --open;
    }
  }
  return false;
}

nlohmann::json parse_peer_json(std::string_view text, std::size_t largest) {
  using nlohmann::json;
  if (text.size() > largest || is_nested_deeper(text, deepest_json)) return json(json::value_t::discarded);
  try {
    return json::parse(text, nullptr, false);
  } catch (const json::exception&) {  // 1e999 is JSON, but out of range for us
    return json(json::value_t::discarded);
  }
}

}  // namespace rescue
