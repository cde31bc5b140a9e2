// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Serves files over HTTP: whole or in ranges, with conditions for caches (RFC 9110, 13 and 14).

#include "core/handle.hpp"
#include "core/http/message.hpp"

#include <memory>
#include <optional>
#include <string>

namespace rescue::http {

/// Folder to serve; no path and no symbolic link leads out of it.
class Folder {
public:
  /// Throws `io` if it can't be opened.
  explicit Folder(const std::string& path);

  /// Opens a file for reading. None if it does not exist, is no regular file (a folder, a pipe), is not readable, leads
  /// out of the folder, or has a part that begins with a dot. `path` is relative.
  [[nodiscard]] std::optional<FileDescriptor> open(const std::string& path) const;

private:
  FileDescriptor fd_;
};

/// Answers GET or HEAD of `file`: 200, 206, 304, 412 or 416. The answer to several ranges is the whole file, as the RFC
/// allows. Throws `io`.
[[nodiscard]] Response serve_file(const Request& request, FileDescriptor file, const std::string& content_type,
                                  const std::string& cache_control);

/// Parses "Sat, 21 Nov 2026 15:20:10 GMT" to seconds since 1970; none for anything else.
[[nodiscard]] std::optional<long long> seconds_of(const std::string& http_date);

}  // namespace rescue::http
