// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON of what is on a disk: for the control API, and what the program that reads the disk answers with.

#include "orchestrator/domain/boot_chain.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace rescue::domain {

/// Form of the control API (docs/control-api.md).
[[nodiscard]] nlohmann::json to_json(const DiskFacts& facts);

[[nodiscard]] nlohmann::json to_json(const Finding& finding);
[[nodiscard]] nlohmann::json to_json(const BootCheck& check);

/// Longest answer of the program, in bytes.
inline constexpr std::size_t largest_facts = 1U << 20U;

/// Inverse of `to_json`, for text of a program that has read a hostile disk: texts are made printable, lists are
/// bounded. Throws `subprocess` for anything that `to_json` does not write.
[[nodiscard]] DiskFacts disk_facts_from(std::string_view text);

}  // namespace rescue::domain
