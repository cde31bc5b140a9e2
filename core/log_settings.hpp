// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Log format, and fields of log lines: for daemons whose logs machines read.

#include "core/log.hpp"

#include <string>
#include <string_view>

namespace rescue::log {

enum class Format {
  text,  ///< for people
  json   ///< one object per line: time, level, program, message, and the fields in scope
};
constexpr auto words_of(Format) { return words<Format>("text", "json"); }

/// Sets the format. Call it at the start, while only one thread logs.
void set_format(Format format);
[[nodiscard]] Level level();

/// Adds a field to JSON lines of this thread while it lives: "server", "task", "session". An empty value adds none.
/// `key` is a literal.
class About {
public:
  About(const char* key, std::string value);
  ~About();
  About(const About&) = delete;
  About& operator=(const About&) = delete;

  [[nodiscard]] const char* key() const noexcept { return key_; }
  [[nodiscard]] const std::string& value() const noexcept { return value_; }
  /// Enclosing field on this thread.
  [[nodiscard]] const About* outer() const noexcept { return outer_; }
  /// Innermost field of this thread.
  [[nodiscard]] static const About* current() noexcept;

private:
  const char* key_;
  const std::string value_;
  const About* const outer_;
};

}  // namespace rescue::log
