// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// History of the schema: what each step adds. A step that was released never changes; a new one follows the last.

#include <span>
#include <string>
#include <vector>

namespace rescue::netboot {

/// Makes the statements of one step, in words that every dialect has (dialect.hpp).
using SchemaStep = std::vector<std::string> (*)();

/// Step N leads from schema N to N + 1.
[[nodiscard]] std::span<const SchemaStep> schema_steps() noexcept;

}  // namespace rescue::netboot
