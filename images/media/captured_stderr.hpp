// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Captures what a library writes to stderr in the place of an error code.

#include "core/handle.hpp"

#include <string>

namespace rescue::media {

/// Redirects stderr of the whole process into memory while it lives: for one thread, and for short calls.
class CapturedStderr {
public:
  CapturedStderr();
  ~CapturedStderr();
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  /// First line so far, printable; empty if nothing was written.
  [[nodiscard]] std::string first_line() const;

private:
  FileDescriptor memory_;
  FileDescriptor before_;
};

}  // namespace rescue::media
