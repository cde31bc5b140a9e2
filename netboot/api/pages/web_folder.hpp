// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The pages' scripts and styles, as Vite has built them into a folder: names with a hash of the content, and a
// manifest.

#include "core/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot::api {

/// URLs that a page loads, from the manifest.
struct PageFiles {
  std::string script;  ///< empty: the folder does not have this page
  std::vector<std::string> styles;
  std::string icon;  ///< may be empty
};

/// Thread-safe. Reads the folder for each request: it may appear or be replaced while netbootd runs.
class WebFolder {
public:
  explicit WebFolder(std::string path) : path_(std::move(path)) {}

  /// Files of the page whose source is `entry`: "src/secret/main.ts". Empty if folder or manifest are missing or
  /// malformed; logs the reason at most once a minute.
  [[nodiscard]] PageFiles files_of(const std::string& entry) const;

  /// Answers GET or HEAD of a file in the folder. Names have a hash: caches may keep them for ever. Throws `not_found`.
  [[nodiscard]] http::Response serve(const http::Request& request, const std::string& name) const;

private:
  std::string path_;
};

}  // namespace rescue::netboot::api
