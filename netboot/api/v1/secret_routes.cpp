// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/access.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/pages.hpp"
#include "netboot/api/v1/secret_representation.hpp"
#include "netboot/api/v1/server_representation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

http::Response made(const SecretLink& link, const Services& services) {
  log::info("secret o-{} of {} made by {}", link.id, link.server.text(), link.made_by);
  auto response = reply(201, secret_link_json(link, services.now()));
  response.headers.emplace_back("Location", fmt::format("/v1/secrets/o-{}", link.id));
  return response;
}

/// Panels also see the sealed code, which only they can open.
json shown(const SecretLink& link, const Services& services, const Caller& caller) {
  return secret_link_json(link, services.now(), may(caller, Right::share));
}

http::Response list_links(Services& services, const http::Request& request, const Caller& caller) {
  require_known(request, {"limit", "cursor"});
  const auto after = page_start(request);
  const auto limit = page_limit(request);
  auto found = services.secret_links.of_server(
      named(request), after.empty() ? std::numeric_limits<long long>::max() : secret_id_of(after), limit + 1);
  const bool is_last = found.size() <= limit;
  if (!is_last) found.pop_back();
  auto items = nlohmann::json::array();
  for (const auto& link : found) items.push_back(shown(link, services, caller));
  return page(request, "secrets", std::move(items), is_last ? std::string{} : fmt::format("o-{}", found.back().id));
}

/// Throws `not_found`, as for a missing secret, if its server is outside the token's scope.
SecretLink visible_link(Services& services, const http::Request& request, const Caller& caller) {
  const auto id = secret_id_of(request.parameters.at("id"));
  auto link = services.secret_links.find(id);
  if (caller.scope.holds(link.server)) return link;
  throw Error(ErrorCode::not_found, fmt::format("there is no secret o-{}", id),
              "'netbootctl secret list SERVER' shows those of a server.");
}

http::Response show_link(Services& services, const http::Request& request, const Caller& caller) {
  const auto link = visible_link(services, request, caller);
  auto body = shown(link, services, caller);
  body["visits"] = visits_json(services.secret_links.visits(link.id));
  return reply(200, body);
}

http::Response revoke_link(Services& services, const http::Request& request, const Caller& caller) {
  const auto link = visible_link(services, request, caller);
  services.secret_links.revoke(link.id, caller.label);
  log::info("secret o-{} of {} revoked by {}", link.id, link.server.text(), caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

/// Answer for a link that can't be revealed any more.
http::Response link_is_gone(const SecretLink& link, LinkState state) {
  ErrorReport report;
  report.code = ErrorCode::not_found;
  report.hint = "Ask for a new link.";
  switch (state) {
  case LinkState::revealed:
    report.message = fmt::format("the secret was revealed at {}", rfc3339(link.revealed.value_or(WallTime{})));
    report.hint = "It is revealed once. If that was not you, somebody else has it: ask for a new one now.";
    break;
  case LinkState::revoked:
    report.message = "the link was revoked";
    break;
  case LinkState::locked:
    report.message = fmt::format("the link is locked after {} wrong codes", most_wrong_codes);
    break;
  default:
    report.message = fmt::format("the link expired at {}", rfc3339(link.expires));
  }
  constexpr unsigned status = 410;
  return http::problem(report, status);
}

http::Response look_at_link(Services& services, const http::Request& request, const Acting& visitor) {
  const auto link = services.secret_links.open(request.parameters.at("link"), visitor);
  const auto state = state_of(link, services.now());
  return state == LinkState::revoked ? link_is_gone(link, state) : reply(200, public_link_json(link));
}

/// Refuses what a page of another site can send without asking netbootd first (CORS), and what a browser says of it.
void require_own_page(const http::Request& request) {
  const auto site = request.header("sec-fetch-site");
  const auto type = request.header("content-type");
  if (!site.empty() && site != "same-origin" && site != "none") {
    throw Error(ErrorCode::denied, "a page of another site sent this", "Open the link itself.");
  }
  if (type.substr(0, type.find(';')) != "application/json") {
    throw Error(ErrorCode::usage, "the request is not JSON", "Send it with Content-Type: application/json.");
  }
}

/// Attempts to reveal. A key file that does not fit is in the log, and not in the customer's answer.
Reveal attempted(SecretLinks& links, const std::string& name, const RevealProofs& proofs, const Acting& visitor) {
  try {
    return links.reveal(name, proofs, visitor);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    log::error("a secret could not be revealed: {}: {}", report_of(error).one_line(), error.hint());
  }
  throw Error(ErrorCode::precondition, "the secret can't be opened at the moment",
              "It is not used up. Report this where you got the link: the reason is in the server's log.");
}

/// Has the remaining tries as a member, for pages in other languages.
http::Response code_is_wrong(const SecretLink& link) {
  const auto left = std::max(0, most_wrong_codes - link.wrong_codes);
  ErrorReport report;
  report.code = ErrorCode::denied;
  report.message = "the code is wrong";
  report.hint =
      left > 0 ? fmt::format("It can be tried {} more times.", left) : "The link is locked: ask for a new one.";
  auto response = http::problem(report);
  auto body = nlohmann::json::parse(response.body);
  body["tries_left"] = left;
  response.body = body.dump() + "\n";
  return response;
}

http::Response reveal_link(Services& services, const http::Request& request, const Acting& visitor) {
  const auto& name = request.parameters.at("link");
  std::optional<RevealProofs> proofs;
  try {
    require_own_page(request);
    proofs = proofs_from(request.body);
  } catch (const Error&) {
    services.secret_links.note_refusal(name, "malformed request", visitor);
    throw;
  }
  const auto result = attempted(services.secret_links, name, *proofs, visitor);
  const auto& link = result.link;
  switch (result.refusal) {
  case Reveal::Refusal::none:
    log::info("secret o-{} of {} revealed to {}", link.id, link.server.text(), visitor.peer);
    return reply(200, {{"sealed", result.sealed}, {"revealed_at", rfc3339(link.revealed.value_or(WallTime{}))}});
  case Reveal::Refusal::state:
    return link_is_gone(link, result.state);
  case Reveal::Refusal::wrong_link:
    throw Error(ErrorCode::denied, "the key of the link is wrong", "Copy the whole link, with what comes after '#'.");
  case Reveal::Refusal::no_code:
    throw Error(ErrorCode::usage, "the proof of the code is missing", "Enter the code.");
  case Reveal::Refusal::wrong_code:
    break;
  }
  log::warning("a wrong code for the secret o-{} of {} came from {}", link.id, link.server.text(), visitor.peer);
  return code_is_wrong(link);
}

}  // namespace

void add_secret_routes(Gate& gate, const SharedServices& services) {
  gate.add("POST", "/v1/servers/{name}/secrets", [services](const auto& request, const auto& caller) {
    return made(services->secret_links.make(named(request), secret_link_from(request.body), caller.label), *services);
  });
  gate.add("POST", "/v1/agent/secrets", [services](const auto& request, const auto& caller) {
    return made(services->agent_links.make(caller.session, agent_link_from(request.body), caller.label), *services);
  });
  gate.add("GET", "/v1/servers/{name}/secrets",
           [services](const auto& request, const auto& caller) { return list_links(*services, request, caller); });
  gate.add("GET", "/v1/secrets/{id}",
           [services](const auto& request, const auto& caller) { return show_link(*services, request, caller); });
  gate.add("DELETE", "/v1/secrets/{id}",
           [services](const auto& request, const auto& caller) { return revoke_link(*services, request, caller); });
  gate.add_for_customers("GET", "/v1/links/{link}", [services](const auto& request, const auto& visitor) {
    return look_at_link(*services, request, visitor);
  });
  gate.add_for_customers("POST", "/v1/links/{link}/reveal", [services](const auto& request, const auto& visitor) {
    return reveal_link(*services, request, visitor);
  });
}

}  // namespace rescue::netboot::api
