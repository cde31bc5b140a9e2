// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Builds HTML: markup comes from this program's source only, and everything else is escaped.

#include <string>
#include <string_view>

namespace rescue::netboot::api {

/// Escapes text for HTML, between tags and in quoted attributes. Control characters but tab and line feed, and bytes
/// that are not UTF-8, become U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

/// Markup that is a literal in the source: nothing that was read, computed or received converts to it.
class Markup {
public:
  template <std::size_t size>
  consteval Markup(const char (&literal)[size]) : text_(literal, size - 1) {}
  [[nodiscard]] constexpr std::string_view view() const noexcept { return text_; }

private:
  std::string_view text_;
};

class Html {
public:
  Html() = default;
  Html(Markup markup) : html_(markup.view()) {}

  Html& operator<<(Markup markup) {
    html_ += markup.view();
    return *this;
  }
  Html& operator<<(const Html& html) {
    html_ += html.html_;
    return *this;
  }
  /// Appends it escaped.
  Html& text(std::string_view text) {
    html_ += escaped(text);
    return *this;
  }
  /// Appends ` name="value"` with the value escaped.
  Html& attribute(Markup name, std::string_view value);

  [[nodiscard]] const std::string& str() const noexcept { return html_; }
  [[nodiscard]] bool empty() const noexcept { return html_.empty(); }

private:
  std::string html_;
};

}  // namespace rescue::netboot::api
