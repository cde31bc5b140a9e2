// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The name of a server: a host name, so that it is safe in URLs, file names, logs and boot scripts.

#include <compare>
#include <string>
#include <string_view>

namespace rescue::netboot {

class ServerName {
public:
  /// Lower-case letters, digits and inner hyphens, in labels separated by dots; 63 characters at most (RFC 1123).
  /// Throws `usage` with the problem.
  [[nodiscard]] static ServerName parse(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  auto operator<=>(const ServerName&) const = default;

private:
  explicit ServerName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace rescue::netboot
