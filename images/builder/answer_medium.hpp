// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answer medium: the CD from which Setup takes its answers, drivers, programs and scripts.

#include "images/media/medium.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rescue::builder {

/// Collects the files of the medium in a folder, checks names and size, and makes an ISO of them.
class AnswerMedium {
public:
  /// Largest sum of all files: the medium is for drivers and scripts.
  static constexpr std::uint64_t largest = std::uint64_t{2} << 30;

  /// `staging`: a new folder, mode 0700.
  explicit AnswerMedium(std::string staging);
  /// Wipes the files that are secret, and removes the folder.
  ~AnswerMedium();
  AnswerMedium(const AnswerMedium&) = delete;
  AnswerMedium& operator=(const AnswerMedium&) = delete;

  /// Adds a file. Each `add` throws `usage` for a name that Windows can't read from a CD, for a name that is there
  /// already, and when the sum is larger than `largest`.
  void add(const std::string& name, std::string_view content);
  /// Adds a file that is overwritten at the end.
  void add_secret(const std::string& name, std::string_view content);
  /// Adds the files below `folder` of a medium as `as`/NAME. Throws `precondition` if there are none.
  void add_from(const media::Medium& medium, const std::string& folder, const std::string& as);
  /// Adds the file `path` of a medium as `as`.
  void add_file_from(const media::Medium& medium, const std::string& path, const std::string& as);

  /// Writes the ISO (Joliet and Rock Ridge), mode 0600, by xorriso. Throws `subprocess` with a hint.
  void write_iso(const std::string& path) const;

private:
  void check(const std::string& name, std::uint64_t size);

  std::string staging_;
  std::string secret_;
  std::uint64_t size_ = 0;
};

}  // namespace rescue::builder
