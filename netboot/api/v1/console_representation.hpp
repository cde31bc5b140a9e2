// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Console passes and viewers as JSON, and the pass in a browser's request.

#include "core/http/message.hpp"
#include "core/secret.hpp"
#include "netboot/console/consoles.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace rescue::netboot::api {

struct WantedConsole {
  ConsoleRole role = ConsoleRole::control;
  Milliseconds ttl = usual_pass_ttl;
};
/// Throws `usage` naming the field. An empty body has the defaults.
[[nodiscard]] WantedConsole wanted_console_from(const std::string& body);

[[nodiscard]] nlohmann::json console_pass_json(const ConsolePass& pass, WallTime now);
[[nodiscard]] nlohmann::json console_viewer_json(const ConsoleViewer& viewer);

/// The proof in a browser's subprotocols: a pass, or the token of a connection that broke.
struct ConsoleProof {
  bool is_pass = true;
  Secret text;
};
/// Throws `usage` if there is none, or the subprotocol `rescue-console` is missing.
[[nodiscard]] ConsoleProof console_proof_from(const http::Request& request);
/// Throws `usage` if a host agent does not offer this subprotocol.
void require_subprotocol(const http::Request& request, std::string_view name);

/// Returns 7 for "c-7". Throws `not_found` for any other text.
[[nodiscard]] long long console_id_of(const std::string& text);

}  // namespace rescue::netboot::api
