// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Id of a request, from its sender to the last log line about it: X-Request-Id.

#include <string>
#include <string_view>

namespace rescue::http {

inline constexpr auto request_id_header = "X-Request-Id";

/// Returns the client's id if it is valid, 1 to 64 of [A-Za-z0-9._-]; else a new one.
[[nodiscard]] std::string request_id_from(std::string_view sent);

}  // namespace rescue::http
