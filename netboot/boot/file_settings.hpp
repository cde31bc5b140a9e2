// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where servers get kernels, initrds and images from: a folder that netbootd serves, or somewhere else.

#include "core/clock.hpp"

#include <string>

namespace rescue::netboot {

/// `redirect`, else `path`, else nothing is served.
struct FileSettings {
  std::string path;        ///< a folder
  std::string redirect{};  ///< a URL that the rest of the path is put behind
  Milliseconds max_age{};  ///< that caches may keep them without asking; 0: they ask each time
};

}  // namespace rescue::netboot
