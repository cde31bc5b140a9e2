// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads times as `rfc3339` of core/clock.hpp writes them.

#include "core/clock.hpp"

#include <optional>
#include <string_view>

namespace rescue {

/// A time from 1970 to 2199: 2026-11-21T08:34:19.250Z. None for any other text.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace rescue
