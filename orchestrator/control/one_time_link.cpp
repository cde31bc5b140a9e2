// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/one_time_link.hpp"

#include "contract/link.hpp"
#include "core/error.hpp"
#include "credentials/connection_files.hpp"
#include "orchestrator/control/sealed_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::control {
namespace {

using nlohmann::json;

credentials::ConnectionDetails details_of(const domain::ConnectionData& connection,
                                          const ports::Recipients& recipients) {
  credentials::ConnectionDetails details;
  details.server = recipients.server;
  details.addresses = {{net::IpAddress::parse(connection.address), 0}};
  details.user = connection.user;
  const credentials::HostKey key{connection.ssh_host_key_type, connection.ssh_host_key_blob, connection.ssh_host_key};
  if (!credentials::fault_of(key)) details.host_keys = {key};
  return details;
}

json ssh_json(const credentials::ConnectionDetails& details) {
  auto keys = json::array();
  for (const auto& key : details.host_keys) {
    keys.push_back({{"type", key.type}, {"blob", key.blob}, {"fingerprint", credentials::fingerprint_of(key)}});
  }
  const auto command = credentials::ssh_arguments(details, details.addresses.front().address);
  return {{"port", details.ssh_port},
          {"host_keys", std::move(keys)},
          {"command", credentials::shell_command(command)},
          {"known_hosts", credentials::known_hosts(details)}};
}

contract::CodePolicy policy_of(const domain::LinkRequest& request) {
  if (const auto policy = parse_word<contract::CodePolicy>(request.code)) return *policy;
  throw Error(ErrorCode::precondition, fmt::format("the code policy '{}' is unknown here", request.code),
              "Is this rescue system older than the control plane?");
}

/// The requester's copy of link and code: only its secret key opens it.
std::string sealed_for_panel(const std::string& name, const Secret& key, const Secret* code,
                             const ports::Recipients& recipients) {
  auto url = fmt::format("{}/s/{}#{}", recipients.link->url, name, key.reveal());
  json text{{"link", url}, {"code", code == nullptr ? json() : json(code->reveal())}};
  wipe(url);
  if (code == nullptr) return sealed_text(std::move(text), {"link"}, recipients.public_key);
  return sealed_text(std::move(text), {"link", "code"}, recipients.public_key);
}

}  // namespace

Secret text_for_customer(const domain::ConnectionData& connection, const Secret& password,
                         const ports::Recipients& recipients, WallTime now) {
  const auto details = details_of(connection, recipients);
  json text{{"format", 1},
            {"server", recipients.server},
            {"session", recipients.session},
            {"made_at", rfc3339(now)},
            {"user", connection.user},
            {"password", password.reveal()},
            {"addresses", json::array({connection.address})},
            {"ssh", ssh_json(details)},
            {"rdp",
             {{"port", details.rdp_port},
              {"certificate", connection.rdp_certificate},
              {"proof", name_of(connection.rdp_proof)}}}};
  return secret_text(std::move(text), {"password"});
}

ports::OneTimeLink make_link(const Secret& text, const ports::Recipients& recipients) {
  const auto policy = policy_of(recipients.link.value());
  const bool has_panel = !recipients.public_key.empty();
  if (policy == contract::CodePolicy::panel && !has_panel) {
    throw Error(ErrorCode::precondition, "the link's code has nobody to go to: the request has no public key",
                "Ask for the rescue with a public key, or with the code policy none.");
  }
  ports::OneTimeLink link;
  link.name = credentials::generate_secret_id();
  auto key = credentials::generate_link_key();
  std::optional<Secret> code;
  if (policy != contract::CodePolicy::none) code = credentials::generate_code();
  const auto* const used_code = code ? &*code : nullptr;
  link.sealed = credentials::seal(text, link.name, key, used_code);
  link.link_verifier = credentials::verifier_of(credentials::proof_of_link(link.name, key));
  if (code) link.verifier = credentials::verifier_of(credentials::proof_of_code(link.name, key, *code));
  if (has_panel) link.sealed_for_panel = sealed_for_panel(link.name, key, used_code, recipients);
  if (policy == contract::CodePolicy::webhook) link.code = std::move(code);
  if (recipients.link->send) link.key = std::move(key);
  return link;
}

}  // namespace rescue::control
