// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Formats the server's disks for people: what is on them, what is wrong, and what to do about it.

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace rescue::cli {

/// Size of a disk as its vendor counts: "480.1 GB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// `disks` as GET /v1/disks answers. Several lines.
[[nodiscard]] std::string disks_text(const nlohmann::json& disks);

/// `boot_chain` of the same answer: a line for each link, and what to do about those that are not good.
[[nodiscard]] std::string boot_chain_text(const nlohmann::json& chain);

}  // namespace rescue::cli
