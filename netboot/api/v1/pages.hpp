// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Paged lists: `limit`, an opaque `cursor`, and the link to the next page.

#include "core/http/message.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rescue::netboot::api {

/// Throws `usage` on the first parameter of the query that is not one of `known`.
void require_known(const http::Request& request, std::initializer_list<std::string_view> known);

/// A parameter of the query; empty without it.
[[nodiscard]] std::string parameter(const http::Request& request, const char* name);

/// The value, when it is one of `known`. Throws `usage`, naming the parameter.
[[nodiscard]] std::string one_of(const std::string& value, std::span<const std::string_view> known, const char* name);

/// A boolean parameter; `fallback` without it. Throws `usage` for any other value, also an empty one ("?dry_run").
[[nodiscard]] bool flag_from(const http::Request& request, const char* name, bool fallback = false);

/// True for force=true: a live session does not prevent the change. Throws `usage` for another value.
[[nodiscard]] bool is_forced(const http::Request& request);

/// `limit` of the query: 1 to 1000, 100 without it. Throws `usage`.
[[nodiscard]] std::size_t page_limit(const http::Request& request);

/// The position at which the page before ended; empty for the first page. Throws `usage` for a foreign cursor.
[[nodiscard]] std::string page_start(const http::Request& request);

/// The number in an identifier of the API, "t-17" with the prefix "t-"; none for any other spelling of it.
[[nodiscard]] std::optional<long long> number_of_id(std::string_view text, std::string_view prefix);

/// {`key`: items, "next": cursor or null}, and for all but the last page a Link to the next one. The next page begins
/// after `last`; empty: this is the last page.
[[nodiscard]] http::Response page(const http::Request& request, const char* key, nlohmann::json items,
                                  const std::string& last);

}  // namespace rescue::netboot::api
