// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One-time links as JSON: for their makers, and the little that somebody with a link sees.

#include "core/secret.hpp"
#include "netboot/service/agent_links.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::api {

/// Throws `usage` naming the field.
[[nodiscard]] NewSecretLink secret_link_from(const std::string& body);
/// A secret that a host agent hands over, with what it adds for its customer. Throws `usage` naming the field.
[[nodiscard]] NewAgentLink agent_link_from(const std::string& body);
/// The proofs in a request to reveal. Throws `usage` for one that is malformed, and without that of the link.
[[nodiscard]] RevealProofs proofs_from(const std::string& body);

/// `with_code`: also the sealed code, for panels.
[[nodiscard]] nlohmann::json secret_link_json(const SecretLink& link, WallTime now, bool with_code = false);
[[nodiscard]] nlohmann::json visits_json(const std::vector<Visit>& visits);
/// All that a link shows before it is revealed.
[[nodiscard]] nlohmann::json public_link_json(const SecretLink& link);

/// Returns 7 for "o-7". Throws `not_found` for any other text.
[[nodiscard]] long long secret_id_of(const std::string& text);

}  // namespace rescue::netboot::api
