// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Times in requests.

#include "core/clock.hpp"

#include <string_view>

namespace rescue::netboot::api {

/// Parses RFC 3339: 2026-11-21T08:34:19Z, with or without a fraction, Z or an offset. Throws `usage`, also for a time
/// before 1970 or after 2199.
[[nodiscard]] WallTime moment_from(std::string_view text);

/// Like `moment_from`, for an end of a time span: a time out of range becomes the first or the last one in it.
[[nodiscard]] WallTime end_of_span_from(std::string_view text);

}  // namespace rescue::netboot::api
