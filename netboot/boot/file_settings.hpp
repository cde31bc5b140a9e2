// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Source of kernels, initrds and images: a folder that netbootd serves, or a URL.

#include "core/clock.hpp"

#include <string>

namespace rescue::netboot {

/// `redirect` takes precedence over `path`; without both nothing is served.
struct FileSettings {
  std::string path;        ///< a folder
  std::string redirect{};  ///< a URL, to which the rest of the path is appended
  Milliseconds max_age{};  ///< time for which caches may keep them; 0: they revalidate each time
};

}  // namespace rescue::netboot
