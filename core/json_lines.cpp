// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/json_lines.hpp"

#include <algorithm>
#include <string>

namespace rescue {
namespace {

/// Walks valid JSON text once, following a path.
class Walker {
public:
  explicit Walker(std::string_view text) : text_(text) {}

  int line_of(std::string_view path) {
    skip_space();
    std::size_t found = position_;
    while (!path.empty()) {
      const bool index = path.front() == '[';
      if (index || path.front() == '.') path.remove_prefix(1);
      const auto end = std::min(path.size(), path.find_first_of(index ? "]" : ".["));
      const auto part = path.substr(0, end);
      path.remove_prefix(index && end < path.size() ? end + 1 : end);
      if (!(index ? enter_item(part) : enter_member(part))) break;
      found = position_;
    }
    return static_cast<int>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(found), '\n')) + 1;
  }

private:
  [[nodiscard]] char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  void skip_space() {
    while (position_ < text_.size() && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) ++position_;
  }
  std::string_view skip_string() {
    const auto start = ++position_;
    while (position_ < text_.size() && peek() != '"') position_ += peek() == '\\' ? 2 : 1;
    const auto end = std::min(position_, text_.size());
    ++position_;
    return text_.substr(start, end - start);
  }
  void skip_value() {
    int depth = 0;
    do {
      skip_space();
      const char next = peek();
      if (next == '\0') return;
      if (next == '"') {
        skip_string();
      } else {
        if (next == '{' || next == '[') ++depth;
        if (next == '}' || next == ']') --depth;
        ++position_;
        if (depth == 0 && std::string_view("}]").find(next) == std::string_view::npos) {
          position_ = std::min(text_.size(), text_.find_first_of(",}] \t\r\n", position_));
        }
      }
    } while (depth > 0);
  }
  /// Skips "," and space; false at the closing bracket.
  bool next_element(char close) {
    skip_space();
    if (peek() == ',') ++position_;
    skip_space();
    return peek() != close && peek() != '\0';
  }
  bool enter_member(std::string_view key) {
    if (peek() != '{') return false;
    for (++position_; next_element('}');) {
      const auto name = skip_string();
      skip_space();
      ++position_;  // the colon
      skip_space();
      if (name == key) return true;
      skip_value();
    }
    return false;
  }
  bool enter_item(std::string_view index) {
    if (peek() != '[') return false;
    auto left = std::stoul(std::string(index));
    for (++position_; next_element(']'); --left) {
      if (left == 0) return true;
      skip_value();
    }
    return false;
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

int json_line_of(std::string_view text, std::string_view path) { return Walker(text).line_of(path); }

}  // namespace rescue
