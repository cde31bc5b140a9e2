// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds the line of a value in JSON text, for error messages: parsers do not keep it.

#include <string_view>

namespace rescue {

/// Returns the 1-based line where the value at `path` ("a.b[2].c", as Field writes it) starts; the nearest ancestor's
/// line if the path does not exist. `text` must be valid JSON.
[[nodiscard]] int json_line_of(std::string_view text, std::string_view path);

}  // namespace rescue
