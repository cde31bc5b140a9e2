// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Readers of fields that manifests and catalogues share. All throw `config_invalid` with the path of the field.

#include "core/clock.hpp"
#include "core/document.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::images {

/// One line of visible text, from 1 to `most` bytes.
[[nodiscard]] std::string line_in(const Field& field, std::size_t most = 200);
/// At most `most` such lines.
[[nodiscard]] std::vector<std::string> lines_in(const Field& field, std::size_t most);
/// Items of a list, at most `most`.
[[nodiscard]] std::vector<Field> items_in(const Field& field, std::size_t most);
/// Name of an image or channel: lower-case letters, digits, dots and dashes, 63 at most, a letter or digit first.
[[nodiscard]] std::string name_in(const Field& field);
/// Language tags such as en-US, zh-Hant-TW; at most 64.
[[nodiscard]] std::vector<std::string> languages_in(const Field& field);
/// "2026-11-20T10:00:00Z" (RFC 3339 in UTC; fractions of a second are dropped).
[[nodiscard]] WallTime time_in(const Field& field);
/// Counter against roll-back.
[[nodiscard]] std::uint64_t counter_in(const Field& field);
[[nodiscard]] unsigned memory_mib_in(const Field& field);
[[nodiscard]] unsigned windows_build_in(const Field& field);
/// "2026-11-20T10:00:00Z".
[[nodiscard]] std::string text_of(WallTime time);

}  // namespace rescue::images
