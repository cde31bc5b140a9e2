// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Splits the target of a request line into path and query, and refuses ambiguous ones.

#include "core/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::http {

/// Reason why a target is refused.
struct TargetFault {
  std::string message;
  std::string hint;
};

/// Meaning of an encoded slash in a path.
enum class EncodedSlash { refused, as_plain };

/// Fills in `path` and `query` from "/v1/servers/web%2D01?limit=3" (RFC 9112, origin form and absolute form).
/// Returns a fault, and leaves `request` unspecified, if the target is malformed, has an encoded slash (unless
/// allowed), a dot segment or a control character in its path, or a query that repeats a parameter or is not text
/// (UTF-8 without NUL): proxies and people could read those in two ways.
[[nodiscard]] std::optional<TargetFault> read_target(std::string_view target, Request& request,
                                                     EncodedSlash slash = EncodedSlash::refused);

}  // namespace rescue::http
