// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Files over HTTP: whole or in ranges, with what caches ask for (RFC 9110, 13 and 14).

#include "core/handle.hpp"
#include "core/http/message.hpp"

#include <memory>
#include <optional>
#include <string>

namespace rescue::http {

/// A folder of which nothing outside can be reached, whatever paths and symbolic links say.
class Folder {
public:
  /// Throws `io` when it can't be opened.
  explicit Folder(const std::string& path);

  /// A file for reading; none when there is no such file, it is none (a folder, a pipe), may not be read, leads out of
  /// the folder, or has a part that begins with a dot. `path` is relative.
  [[nodiscard]] std::optional<FileDescriptor> open(const std::string& path) const;

private:
  FileDescriptor fd_;
};

/// GET or HEAD of `file`: 200, 206, 304, 412 or 416. Of several ranges the whole file is the answer, as the RFC allows.
/// Throws `io`.
[[nodiscard]] Response serve_file(const Request& request, FileDescriptor file, const std::string& content_type,
                                  const std::string& cache_control);

/// Seconds since 1970 of "Sat, 21 Nov 2026 15:20:10 GMT"; none for anything else.
[[nodiscard]] std::optional<long long> seconds_of(const std::string& http_date);

}  // namespace rescue::http
