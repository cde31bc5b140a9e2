// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON that a peer sent (a BMC, a control plane, a guest): bounded in size and depth before anything is built of it.

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

namespace rescue {

/// Lists within lists of everything that we read. Copying and printing a value recurse once a level: this bounds them.
constexpr std::size_t deepest_json = 64;
/// Bytes of one answer of a peer.
constexpr std::size_t largest_peer_json = 1U << 20U;

/// True when lists and mappings are nested deeper than `depth`. Of text that is no JSON: true, or anything that parsing
/// it up to its first error would not exceed. One pass, without recursion.
[[nodiscard]] bool is_nested_deeper(std::string_view text, std::size_t depth) noexcept;

/// The value; `is_discarded()` when the text is no JSON (RFC 8259), nests deeper than `deepest_json`, or is longer than
/// `largest` bytes. Throws nothing but std::bad_alloc.
[[nodiscard]] nlohmann::json parse_peer_json(std::string_view text, std::size_t largest = largest_peer_json);

}  // namespace rescue
