// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parses JSON of a peer (a BMC, a control plane, a guest) with limits of size and depth.

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string_view>

namespace rescue {

/// Limit of nesting. Copying and printing a value recurse once per level: this bounds them.
constexpr std::size_t deepest_json = 64;
/// Limit of one answer of a peer, in bytes.
constexpr std::size_t largest_peer_json = 1U << 20U;

/// True if lists and mappings nest deeper than `depth`. For invalid JSON: false only if parsing it up to its first
/// error stays within `depth`. One pass, without recursion.
[[nodiscard]] bool is_nested_deeper(std::string_view text, std::size_t depth) noexcept;

/// Parses a value; `is_discarded()` if the text is no JSON (RFC 8259), nests deeper than `deepest_json`, or is longer
/// than `largest` bytes. Throws only std::bad_alloc.
[[nodiscard]] nlohmann::json parse_peer_json(std::string_view text, std::size_t largest = largest_peer_json);

}  // namespace rescue
