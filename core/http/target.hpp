// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Splits the target of a request line into path and query, and refuses what could be read in two ways.

#include "core/http/message.hpp"

#include <string_view>

namespace rescue::http {

/// Fills in `path` and `query` from "/v1/servers/web%2D01?limit=3" (RFC 9112, origin form and absolute form).
/// False when it is malformed, or has an encoded slash, a dot segment or a control character in its path.
[[nodiscard]] bool read_target(std::string_view target, Request& request);

}  // namespace rescue::http
