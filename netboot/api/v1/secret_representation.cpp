// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/secret_representation.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "credentials/one_time_secret.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/nullable.hpp"
#include "netboot/api/v1/pages.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

std::string proof_bytes(const Field& field) {
  auto bytes = bytes_of_base64(field.text()).value_or("");
  if (bytes.size() != credentials::proof_size) {
    field.fail(fmt::format("must be {} bytes in base64", credentials::proof_size));
  }
  return bytes;
}

Milliseconds link_ttl_from(const Field& field) {
  const auto ttl = field.duration();
  if (ttl < shortest_link_ttl || ttl > longest_link_ttl) field.fail("must be from 1m to 168h", "Write it as 24h.");
  return ttl;
}

NewSecretLink read_link(const Field& root) {
  root.only({"link", "sealed", "verifier", "ttl"});
  NewSecretLink wanted;
  const auto link = root.at("link");
  wanted.name = link.text();
  if (!credentials::is_secret_id(wanted.name)) link.fail("must be 16 random bytes in base64url: 22 characters");
  const auto sealed = credentials::SealedSecret::parse(
      Document::from_value("sealed", root.at("sealed").json(), [](const std::string&) { return 0; }));
  wanted.sealed = sealed.json();
  wanted.needs_code = sealed.needs_code();
  const auto verifier = root.find("verifier");
  if (verifier.has_value() != wanted.needs_code) {
    (verifier ? *verifier : root)
        .fail(wanted.needs_code ? "verifier is missing" : "is for a secret with a code",
              "A secret that is sealed with a code comes with a verifier of it, one without a code does not.");
  }
  if (verifier) wanted.verifier = proof_bytes(*verifier);
  if (const auto ttl = root.find("ttl")) wanted.ttl = link_ttl_from(*ttl);
  return wanted;
}

}  // namespace

NewSecretLink secret_link_from(const std::string& body) { return read_body(body, read_link); }

std::optional<Secret> proof_from(const std::string& body) {
  return read_body(body, [](const Field& root) -> std::optional<Secret> {
    root.only({"proof"});
    const auto field = root.find("proof");
    if (!field) return std::nullopt;
    auto bytes = proof_bytes(*field);
    Secret proof{std::string_view(bytes)};
    wipe(bytes);
    return proof;
  });
}

json secret_link_json(const SecretLink& link, WallTime now) {
  return {{"id", fmt::format("o-{}", link.id)},
          {"server", link.server.text()},
          {"state", name_of(state_of(link, now))},
          {"needs_code", link.needs_code},
          {"created_at", rfc3339(link.created)},
          {"created_by", link.made_by},
          {"expires_at", rfc3339(link.expires)},
          {"revealed_at", or_null(link.revealed)},
          {"revealed_to", or_null(link.revealed_to)},
          {"revoked_at", or_null(link.revoked)},
          {"revoked_by", or_null(link.revoked_by)},
          {"wrong_codes", link.wrong_codes},
          {"opened", link.opened},
          {"refused", link.refused}};
}

json visits_json(const std::vector<Visit>& visits) {
  auto listed = json::array();
  for (const auto& visit : visits) {
    listed.push_back({{"at", rfc3339(visit.at)},
                      {"action", name_of(visit.kind)},
                      {"address", visit.address},
                      {"reason", or_null(visit.reason)}});
  }
  return listed;
}

json public_link_json(const SecretLink& link) {
  return {
      {"needs_code", link.needs_code}, {"expires_at", rfc3339(link.expires)}, {"revealed_at", or_null(link.revealed)}};
}

long long secret_id_of(const std::string& text) {
  if (const auto id = number_of_id(text, "o-")) return *id;
  throw Error(ErrorCode::not_found, fmt::format("there is no secret '{}'", text), "Secrets are named o-1, o-2, ...");
}

}  // namespace rescue::netboot::api
