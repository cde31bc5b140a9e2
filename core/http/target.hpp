// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Splits the target of a request line into path and query, and refuses what could be read in two ways.

#include "core/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::http {

/// Why a target is no request's.
struct TargetFault {
  std::string message;
  std::string hint;
};

/// What an encoded slash in a path is.
enum class EncodedSlash { refused, as_plain };

/// Fills in `path` and `query` from "/v1/servers/web%2D01?limit=3" (RFC 9112, origin form and absolute form).
/// A fault, and nothing certain in `request`, when it is malformed, has an encoded slash (unless that is allowed), a
/// dot segment or a control character in its path, or a query that names a parameter twice or is no text (UTF-8 without
/// NUL): proxies, and people, would take one or the other for what is asked.
[[nodiscard]] std::optional<TargetFault> read_target(std::string_view target, Request& request,
                                                     EncodedSlash slash = EncodedSlash::refused);

}  // namespace rescue::http
