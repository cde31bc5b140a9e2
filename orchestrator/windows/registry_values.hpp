// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads values as Hive makes JSON of them.

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace rescue::windows_disk {

/// A value's text; empty for another type, and without the value.
[[nodiscard]] std::string text_in(const nlohmann::ordered_json& values, const char* name);
/// None for another type, and without the value.
[[nodiscard]] std::optional<std::uint64_t> number_in(const nlohmann::ordered_json& values, const char* name);
/// Bytes of a binary value's hex digits; empty for anything else.
[[nodiscard]] std::string bytes_of(const std::string& hex);

}  // namespace rescue::windows_disk
