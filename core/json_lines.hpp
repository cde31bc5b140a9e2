// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds the line of a value in JSON text: parsers forget it, and an error without a line sends people searching.

#include <string_view>

namespace rescue {

/// The 1-based line where the value at `path` ("a.b[2].c", as Field writes it) starts; the nearest
/// ancestor's line when the path is not there. `text` must be valid JSON.
[[nodiscard]] int json_line_of(std::string_view text, std::string_view path);

}  // namespace rescue
