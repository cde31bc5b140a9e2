// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Lists that are read a page at a time: `limit`, an opaque `cursor`, and where the next page is.

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

/// A parameter that is true or false; `fallback` without it. Throws `usage` for another value, also for none
/// ("?dry_run").
[[nodiscard]] bool flag_from(const http::Request& request, const char* name, bool fallback = false);

/// Whether the query says force=true: what would be refused for a session's sake is done. Throws `usage` for another
/// value.
[[nodiscard]] bool is_forced(const http::Request& request);

/// `limit` of the query: 1 to 1000, 100 without it. Throws `usage`.
[[nodiscard]] std::size_t page_limit(const http::Request& request);

/// What the page before ended with; empty for the first page. Throws `usage` for a cursor that is none of ours.
[[nodiscard]] std::string page_start(const http::Request& request);

/// The number in an identifier as it is handed out, "t-17" with the prefix "t-"; none for any other spelling of it.
[[nodiscard]] std::optional<long long> number_of_id(std::string_view text, std::string_view prefix);

/// {`key`: items, "next": cursor or null}, and for all but the last page a Link to the next one. `last` is what the
/// next page begins after; empty: this is the last page.
[[nodiscard]] http::Response page(const http::Request& request, const char* key, nlohmann::json items,
                                  const std::string& last);

}  // namespace rescue::netboot::api
