// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads what host agents report. A host may be hostile: texts and lists have limits, and texts become printable.

#include "core/document.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace rescue::netboot::api {

/// These members of an object as texts for terminals and logs, as far as they exist. Throws `config_invalid` for one of
/// more than 2000 bytes.
[[nodiscard]] nlohmann::json reported_texts(const Field& field, std::initializer_list<const char*> keys);
/// Throws `config_invalid` if there are more than `most`.
[[nodiscard]] std::vector<Field> reported_items(const Field& field, std::size_t most);
/// A sealed box in base64. Throws `config_invalid` for something else, and for more than 8192 bytes.
[[nodiscard]] std::string sealed_from(const Field& field);

}  // namespace rescue::netboot::api
