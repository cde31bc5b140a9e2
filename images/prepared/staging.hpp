// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Folder for an image that is being made, beside its place: the place never has half an image.

#include <string>

namespace rescue::prepared {

/// Throws `conflict` if the folder has an image: an image is never replaced.
void refuse_other_image(const std::string& folder);

class Staging {
public:
  /// Creates `folder` and a folder in it. Throws `conflict` if `folder` has an image, `io` if it can't be written.
  explicit Staging(const std::string& folder);
  /// Removes what was not published.
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// Moves the files to the folder by renames, the manifest last: a folder without it is not an image.
  void publish() const;

private:
  std::string folder_;
  std::string path_;
};

}  // namespace rescue::prepared
