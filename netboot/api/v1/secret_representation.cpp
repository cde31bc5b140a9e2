// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/secret_representation.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "credentials/one_time_secret.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/agent_representation.hpp"
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

Secret proof_in(const Field& field) {
  auto bytes = proof_bytes(field);
  Secret proof{std::string_view(bytes)};
  wipe(bytes);
  return proof;
}

Milliseconds link_ttl_from(const Field& field) {
  const auto ttl = field.duration();
  if (ttl < shortest_link_ttl || ttl > longest_link_ttl) field.fail("must be from 1m to 168h", "Write it as 24h.");
  return ttl;
}

/// The members that all makers send.
NewSecretLink read_link(const Field& root) {
  NewSecretLink wanted;
  const auto link = root.at("link");
  wanted.name = link.text();
  if (!credentials::is_secret_id(wanted.name)) link.fail("must be 16 random bytes in base64url: 22 characters");
  const auto sealed = credentials::SealedSecret::parse(
      Document::from_value("sealed", root.at("sealed").json(), [](const std::string&) { return 0; }));
  wanted.sealed = sealed.json();
  wanted.needs_code = sealed.needs_code();
  wanted.link_verifier = proof_bytes(root.at("link_verifier"));
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

std::string sealed_code_from(const Field& field) {
  constexpr std::size_t longest = 2048;
  auto text = field.text();
  if (text.size() > longest) field.fail(fmt::format("must have {} bytes at most", longest));
  if (!bytes_of_base64(text)) field.fail("is not base64");
  return text;
}

Secret link_key_from(const Field& field, const NewSecretLink& link) {
  auto text = field.text();
  Secret key{std::string_view(text)};
  wipe(text);
  const bool fits = credentials::is_link_key(key) &&
                    credentials::is_proven(credentials::proof_of_link(link.name, key), link.link_verifier);
  if (!fits) field.fail("is not the key of this link", "Send the key that link_verifier was made with.");
  return key;
}

Secret code_from(const Field& field) {
  auto text = field.text();
  Secret code{std::string_view(text)};
  wipe(text);
  if (!credentials::normalised_code(code.reveal())) field.fail("does not have 8 letters and digits");
  return code;
}

NewAgentLink read_agent_link(const Field& root) {
  root.only({"link", "sealed", "link_verifier", "verifier", "ttl", "sealed_code", "link_key", "code", "connection"});
  NewAgentLink wanted{read_link(root)};
  if (const auto sealed = root.find("sealed_code")) wanted.link.sealed_code = sealed_code_from(*sealed);
  if (const auto key = root.find("link_key")) wanted.key = link_key_from(*key, wanted.link);
  if (const auto code = root.find("code")) {
    if (!wanted.link.needs_code) code->fail("is for a secret that is sealed with a code");
    wanted.code = code_from(*code);
  }
  if (const auto connection = root.find("connection")) wanted.connection = connection_from(*connection).dump();
  return wanted;
}

}  // namespace

NewSecretLink secret_link_from(const std::string& body) {
  return read_body(body, [](const Field& root) {
    root.only({"link", "sealed", "link_verifier", "verifier", "ttl"});
    return read_link(root);
  });
}

NewAgentLink agent_link_from(const std::string& body) { return read_body(body, read_agent_link); }

RevealProofs proofs_from(const std::string& body) {
  return read_body(body, [](const Field& root) {
    root.only({"link_proof", "proof"});
    RevealProofs proofs{proof_in(root.at("link_proof"))};
    if (const auto code = root.find("proof")) proofs.code = proof_in(*code);
    return proofs;
  });
}

json secret_link_json(const SecretLink& link, WallTime now, bool with_code) {
  json body{{"id", fmt::format("o-{}", link.id)},
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
            {"refused", link.refused},
            {"session", or_null(link.session)},
            {"sending", link.sending == LinkSending::not_asked ? json() : json(name_of(link.sending))}};
  // An expired link may not be cleaned up yet.
  const bool is_waiting = state_of(link, now) == LinkState::waiting;
  if (with_code) body["sealed_code"] = or_null(is_waiting ? link.sealed_code : std::string());
  return body;
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
