// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a changed configuration may change while netbootd runs.

#include "netboot/config.hpp"

#include <string>
#include <vector>

namespace rescue::netboot {

struct Reloaded {
  Config config;                  ///< to go on with
  std::vector<std::string> kept;  ///< keys whose new values wait for the next start
};

/// `wanted`, with what can't be changed now as it is in `running`.
[[nodiscard]] Reloaded reloaded(const Config& running, Config wanted);

}  // namespace rescue::netboot
