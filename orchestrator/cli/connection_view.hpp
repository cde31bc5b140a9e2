// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes the files with which a customer connects from a session's status.

#include "credentials/connection_files.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace rescue::cli {

/// Reads the connection of a status that has one. Throws `usage` for a malformed address.
[[nodiscard]] credentials::ConnectionDetails connection_details(const nlohmann::json& status);

/// Names and contents: rescue.rdp, rescue.txt (fingerprints and commands), rescue.json, and rescue.known_hosts if the
/// host key is known. No password. Throws `usage` like `credentials::check`.
[[nodiscard]] std::map<std::string, std::string> connection_files(const credentials::ConnectionDetails& details);

}  // namespace rescue::cli
