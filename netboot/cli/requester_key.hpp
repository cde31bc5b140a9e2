// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The secret key of a rescue's requester, which opens what the host has sealed to its public key.

#include "core/http/client.hpp"
#include "core/secret.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace rescue::netboot::cli {

/// Reads the file that 'netbootctl keygen' writes. Throws `usage` if it holds no secret key.
[[nodiscard]] Secret secret_key_from(const std::string& path);
/// Throws `usage` if the request of the server's rescue has another public key. Calls netbootd.
void require_requesters_key(http::Client& client, const std::string& server, const std::string& key_file,
                            const Secret& key);
/// Opens a sealed JSON object in base64. Throws `denied` if it is not for this key, or is no object. `what`: "a link".
[[nodiscard]] nlohmann::json opened_object(const std::string& sealed, const Secret& key, const char* what);

}  // namespace rescue::netboot::cli
