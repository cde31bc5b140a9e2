// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/console_representation.hpp"

#include "core/error.hpp"
#include "core/http/websocket.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/pages.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot::api {

using nlohmann::json;

WantedConsole wanted_console_from(const std::string& body) {
  if (body.empty()) return {};
  return read_body(body, [](const Field& root) {
    root.only({"role", "ttl"});
    WantedConsole wanted;
    if (const auto role = root.find("role")) wanted.role = role->word<ConsoleRole>();
    if (const auto ttl = root.find("ttl")) {
      wanted.ttl = ttl->duration();
      if (wanted.ttl < shortest_pass_ttl || wanted.ttl > longest_pass_ttl) {
        ttl->fail("must be from 10s to 24h", "Write it as 10m.");
      }
    }
    return wanted;
  });
}

json console_pass_json(const ConsolePass& pass, WallTime now) {
  return {{"id", fmt::format("c-{}", pass.id)},  {"server", pass.server.text()},          {"session", pass.session},
          {"role", name_of(pass.role)},          {"state", name_of(state_of(pass, now))}, {"made_by", pass.made_by},
          {"created_at", rfc3339(pass.created)}, {"expires_at", rfc3339(pass.expires)}};
}

json console_viewer_json(const ConsoleViewer& viewer) {
  return {{"id", fmt::format("v-{}", viewer.id)},
          {"pass", fmt::format("c-{}", viewer.pass)},
          {"role", name_of(viewer.role)},
          {"label", viewer.label},
          {"address", viewer.address},
          {"since", rfc3339(viewer.since)}};
}

ConsoleProof console_proof_from(const http::Request& request) {
  constexpr std::string_view pass = "pass.";
  constexpr std::string_view resume = "resume.";
  require_subprotocol(request, "rescue-console");
  for (auto& offered : http::offered_subprotocols(request)) {
    const bool is_pass = offered.starts_with(pass);
    if (!is_pass && !offered.starts_with(resume)) continue;
    const std::string_view text(offered);
    return {is_pass, Secret(text.substr(is_pass ? pass.size() : resume.size()))};
  }
  throw Error(ErrorCode::usage, "the request has no pass", "Send the subprotocol 'pass.' with the pass behind it.");
}

void require_subprotocol(const http::Request& request, std::string_view name) {
  const auto offered = http::offered_subprotocols(request);
  if (std::find(offered.begin(), offered.end(), name) != offered.end()) return;
  throw Error(ErrorCode::usage, fmt::format("the request does not offer the subprotocol '{}'", name),
              "Send it in Sec-WebSocket-Protocol.");
}

long long console_id_of(const std::string& text) {
  if (const auto id = number_of_id(text, "c-")) return *id;
  throw Error(ErrorCode::not_found, fmt::format("there is no console '{}'", text), "Consoles are named c-1, c-2, ...");
}

}  // namespace rescue::netboot::api
