// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// "Did you mean ...": the nearest of the names that would have been right.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue {

/// The candidate nearest to `word` by edit distance, if it is near enough to be a slip of the finger.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string_view>& candidates);

}  // namespace rescue
