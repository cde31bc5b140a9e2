// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Suggestions for typing errors: the nearest valid name, for "Did you mean ...".

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue {

/// Candidate nearest to `word` by edit distance, if it is near enough for a typing error.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string_view>& candidates);

}  // namespace rescue
