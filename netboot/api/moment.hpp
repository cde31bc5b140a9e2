// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Times that callers write.

#include "core/clock.hpp"

#include <string_view>

namespace rescue::netboot::api {

/// RFC 3339: 2026-11-21T08:34:19Z, with or without a fraction, Z or an offset. Throws `usage`, also for what is before
/// 1970 or behind 2199, which is nobody's intention.
[[nodiscard]] WallTime moment_from(std::string_view text);

/// As above, of an end of a span that is looked at: what is out of range is the first or the last moment of it.
[[nodiscard]] WallTime end_of_span_from(std::string_view text);

}  // namespace rescue::netboot::api
