// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the serial log of an installation as it grows: Setup's phases, its percents, and its errors.

#include "core/handle.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::builder {

struct SetupLine {
  enum class Kind { phase, percent, error };
  Kind kind = Kind::phase;
  std::string text;  ///< printable
};

/// Understands "setup: phase: NAME", "setup: percent: N" and "setup: error: TEXT" at the end of a line. Windows prints
/// none of these: its EMS console shows that something happens, and no more.
class SetupLog {
public:
  /// The file may appear later.
  explicit SetupLog(std::string path) : path_(std::move(path)) {}

  /// The lines since the last call. At most 1 MiB a call.
  [[nodiscard]] std::vector<SetupLine> read();
  /// Bytes so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return offset_; }

private:
  std::string path_;
  FileDescriptor file_;
  std::uint64_t offset_ = 0;
  std::string rest_;
};

/// The line's meaning; none for other lines.
[[nodiscard]] std::optional<SetupLine> setup_line_of(const std::string& line);

}  // namespace rescue::builder
