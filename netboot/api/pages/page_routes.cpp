// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/one_time_secret.hpp"
#include "netboot/api/pages/console_page.hpp"
#include "netboot/api/pages/link_page.hpp"
#include "netboot/api/routes.hpp"

#include <memory>
#include <optional>

namespace rescue::netboot::api {
namespace {

constexpr auto script_of_links = "src/secret/main.ts";
constexpr auto script_of_consoles = "src/console/main.ts";

/// Notes the visit as GET /v1/links/NAME does, and changes nothing else. None for an unknown name.
std::optional<SeenLink> seen_link(Services& services, const std::string& name, const Acting& visitor) {
  if (!credentials::is_secret_id(name)) return std::nullopt;
  try {
    const auto link = services.secret_links.open(name, visitor);
    return SeenLink{name, state_of(link, services.now()), link.needs_code, link.expires, link.revealed};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) return std::nullopt;
    throw;
  }
}

}  // namespace

void add_page_routes(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  const auto folder = std::make_shared<const WebFolder>(options.web_folder);
  gate.add_facade({"/s/", std::make_shared<BearerTokens>(services->tokens), error_page});
  gate.add_for_customers("GET", "/s/{link}", [services, folder](const auto& request, const auto& visitor) {
    const auto link = seen_link(*services, request.parameters.at("link"), visitor);
    return link_page(link, language_of(request), folder->files_of(script_of_links));
  });
  gate.add_open(
      "GET", "/console/{name}",
      [folder](const auto& request) {
        const auto server = ServerName::parse(request.parameters.at("name"));
        return console_page(server, language_of(request), folder->files_of(script_of_consoles));
      },
      http::RunOn::io_thread);
  gate.add_open(
      "GET", "/web/{file}",
      [folder](const auto& request) { return folder->serve(request, request.parameters.at("file")); },
      http::RunOn::io_thread);
}

}  // namespace rescue::netboot::api
