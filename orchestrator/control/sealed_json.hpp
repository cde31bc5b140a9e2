// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON with secrets for somebody who is not on this host: its text is wiped, and can be sealed to a key.

#include "core/secret.hpp"

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <string>

namespace rescue::control {

/// The text of an object. Wipes its members `secrets`, which must be texts.
[[nodiscard]] Secret secret_text(nlohmann::json value, std::initializer_list<const char*> secrets);
/// Seals the text of an object to `public_key` (X25519, base64). Throws `usage` for an invalid key.
[[nodiscard]] std::string sealed_text(nlohmann::json value, std::initializer_list<const char*> secrets,
                                      const std::string& public_key);

}  // namespace rescue::control
