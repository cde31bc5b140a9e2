// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/token_representation.hpp"

#include "netboot/api/body.hpp"
#include "netboot/api/moment.hpp"
#include "netboot/api/v1/nullable.hpp"
#include "netboot/api/v1/pages.hpp"
#include "netboot/domain/server.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr std::size_t longest_name = 64;
constexpr std::size_t most_servers = 1000;
constexpr auto not_for_admins = "is not for admins: an admin can make a token for all servers";

std::string name_from(const Field& field) {
  auto name = field.text();
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (name.size() > longest_name || !std::all_of(name.begin(), name.end(), fits)) {
    field.fail(fmt::format("is not a token's name"),
               "Use letters, digits, '.', '_' and '-', 64 characters at most, as in panel-eu.");
  }
  return name;
}

Role role_from(const Field& field) {
  // The last role is the host agents', which no request can assign.
  static_assert(words_of(Role{}).back() == "agent");
  return static_cast<Role>(field.choice(choices<Role>().first(choices<Role>().size() - 1)));
}

std::vector<std::string> servers_from(const Field& field) {
  std::vector<std::string> names;
  for (const auto& item : field.items()) names.push_back(parsed(item, ServerName::parse).text());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.empty() || names.size() > most_servers) {
    field.fail(fmt::format("must name 1 to {} servers", most_servers), "Leave it out for a token for all servers.");
  }
  return names;
}

std::vector<std::string> scope_tags_from(const Field& field) {
  constexpr std::size_t most = 20;
  std::vector<std::string> tags;
  for (const auto& item : field.items()) tags.push_back(parsed(item, canonical_tag));
  if (tags.empty() || tags.size() > most) {
    field.fail(fmt::format("must name 1 to {} tags", most), "Leave it out for a token for all servers.");
  }
  return tags;
}

NewToken read_token(const Field& root, WallTime now) {
  root.only({"name", "role", "servers", "tags", "identity", "expires_at"});
  NewToken token;
  token.name = name_from(root.at("name"));
  token.role = role_from(root.at("role"));
  if (const auto servers = root.find("servers")) {
    token.scope.servers = servers_from(*servers);
    if (token.role == Role::admin) servers->fail(not_for_admins);
  }
  if (const auto tags = root.find("tags")) {
    token.scope.tags = scope_tags_from(*tags);
    if (token.role == Role::admin) tags->fail(not_for_admins);
  }
  if (const auto identity = root.find("identity")) {
    token.identity = identity->boolean();
    if (token.identity && token.role != Role::panel) {
      identity->fail("is for the role panel", "Admins have this right anyway, and the other roles change no servers.");
    }
  }
  if (const auto expires = root.find("expires_at")) {
    token.expires = parsed(*expires, moment_from);
    if (*token.expires <= now) expires->fail("is over already");
  }
  return token;
}

std::string_view state_of(const TokenFacts& token, WallTime now) {
  if (token.revoked) return "revoked";
  return token.expires && *token.expires <= now ? "expired" : "active";
}

}  // namespace

NewToken token_from(const std::string& body, WallTime now) {
  return read_body(body, [&](const Field& root) { return read_token(root, now); });
}

json token_json(const TokenFacts& token, WallTime now) {
  return {{"id", fmt::format("k-{}", token.id)},  {"name", token.name},
          {"role", name_of(token.role)},          {"servers", or_null(token.scope.servers)},
          {"tags", or_null(token.scope.tags)},    {"identity", token.identity || token.role == Role::admin},
          {"state", state_of(token, now)},        {"created_at", rfc3339(token.created)},
          {"created_by", token.created_by},       {"expires_at", or_null(token.expires)},
          {"last_used_at", or_null(token.used)},  {"last_used_from", or_null(token.used_from)},
          {"revoked_at", or_null(token.revoked)}, {"revoked_by", or_null(token.revoked_by)}};
}

long long token_id_of(const std::string& text) {
  if (const auto id = number_of_id(text, "k-")) return *id;
  throw Error(ErrorCode::not_found, fmt::format("there is no token '{}'", text), "Tokens are named k-1, k-2, ...");
}

}  // namespace rescue::netboot::api
