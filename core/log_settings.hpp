// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the log is written, and what each of its lines carries: for daemons whose logs machines read.

#include "core/log.hpp"

#include <string>
#include <string_view>

namespace rescue::log {

enum class Format {
  text,  ///< for people
  json   ///< an object on each line: time, level, program, message, and the fields of what they are about
};
constexpr auto words_of(Format) { return words<Format>("text", "json"); }

/// At the start, while one thread logs.
void set_format(Format format);
[[nodiscard]] Level level();

/// While it lives, lines of this thread carry the field in JSON: "server", "task", "session". An empty value adds none.
/// `key` is a literal.
class About {
public:
  About(const char* key, std::string value);
  ~About();
  About(const About&) = delete;
  About& operator=(const About&) = delete;

  [[nodiscard]] const char* key() const noexcept { return key_; }
  [[nodiscard]] const std::string& value() const noexcept { return value_; }
  /// The one before it on this thread.
  [[nodiscard]] const About* outer() const noexcept { return outer_; }
  /// The innermost of this thread.
  [[nodiscard]] static const About* current() noexcept;

private:
  const char* key_;
  const std::string value_;
  const About* const outer_;
};

}  // namespace rescue::log
