// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Folder for a program that gives up root: the only one that it may write to.

#include "core/error.hpp"
#include "orchestrator/access/give_up_root.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

namespace rescue::access {

/// Removed with its content when this object goes: the program may be killed before it can do so.
class FolderOfNobody {
public:
  /// `pattern` ends in "XXXXXX", as for mkdtemp(3). Throws `io`.
  explicit FolderOfNobody(std::string pattern) : path_(std::move(pattern)) {
    if (::mkdtemp(path_.data()) == nullptr) throw system_error("cannot make " + path_, errno);
    // If we are root, the program has become the user nobody when it opens this folder.
    if (::geteuid() == 0 && ::chown(path_.c_str(), nobody, nobody) != 0) {
      const int reason = errno;
      ::rmdir(path_.c_str());
      throw system_error("cannot give " + path_ + " to its user", reason);
    }
  }
  ~FolderOfNobody() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FolderOfNobody(const FolderOfNobody&) = delete;
  FolderOfNobody& operator=(const FolderOfNobody&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

}  // namespace rescue::access
