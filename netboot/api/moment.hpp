// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Times that callers write.

#include "core/clock.hpp"

#include <string_view>

namespace rescue::netboot::api {

/// RFC 3339: 2026-11-21T08:34:19Z, with or without a fraction, Z or an offset. Throws `usage`.
[[nodiscard]] WallTime moment_from(std::string_view text);

}  // namespace rescue::netboot::api
