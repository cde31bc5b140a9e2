// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Settings that may change while netbootd runs.

#include "netboot/config.hpp"

#include <string>
#include <vector>

namespace rescue::netboot {

struct Reloaded {
  Config config;                  ///< to use from now on
  std::vector<std::string> kept;  ///< keys whose new values need a restart
};

/// Returns `wanted`, with values of `running` where they can't change now.
[[nodiscard]] Reloaded reloaded(const Config& running, Config wanted);

}  // namespace rescue::netboot
