// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the editions of a Microsoft medium out of its install.wim, install.esd or install.swm.

#include "images/media/medium.hpp"
#include "images/windows/edition.hpp"

#include <string>
#include <vector>

namespace rescue::windows {

struct InstallImage {
  std::string path;  ///< on the medium: "sources/install.wim"
  unsigned parts = 1;
  std::vector<Edition> editions;
};

/// Runs the program `rescue_wim` on a copy of the image's metadata (some MiB), never of its content: a dry run does not
/// read gigabytes. Throws `precondition` if the medium is not Microsoft's, lacks a part, or its image can't be read.
[[nodiscard]] InstallImage read_install_image(const media::Medium& medium, const std::string& rescue_wim);

}  // namespace rescue::windows
