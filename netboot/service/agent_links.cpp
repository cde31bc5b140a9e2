// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/agent_links.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// Refuses what netbootd must not have: nobody asked for it, thus nobody expects it here.
void require_wanted(const NewAgentLink& wanted, const RescueRequest& request, const ServiceOptions& options) {
  if (wanted.key && !is_link_sent(request)) {
    throw Error(ErrorCode::conflict, "the key of the link is not wanted: the request of the rescue sends no link");
  }
  if (wanted.code && request.code != contract::CodePolicy::webhook) {
    throw Error(ErrorCode::conflict, fmt::format("the code in clear is not wanted: the request's policy for it is {}",
                                                 name_of(request.code)));
  }
  if (!wanted.link.sealed_code.empty() && request.public_key.empty()) {
    throw Error(ErrorCode::conflict, "no public key came with the request: nobody could open the sealed code");
  }
  if (wanted.key && options.links_url.empty()) {
    throw Error(ErrorCode::precondition, "this netbootd does not know the URL that customers open one-time links under",
                "Set links.url in netbootd.yaml, then issue the link again: netbootctl rescue reissue.");
  }
}

Secret url_of(const std::string& base, const std::string& name, const Secret& key) {
  auto text = fmt::format("{}/s/{}#{}", base, name, key.reveal());
  Secret url{std::string_view(text)};
  wipe(text);
  return url;
}

/// The host reports it and may be hostile: leaves out what is malformed.
credentials::ConnectionDetails details_from(const std::string& connection, const ServerName& server,
                                            const std::string& session) {
  const auto reported = json::parse(connection);
  credentials::ConnectionDetails details;
  details.server = server.text();
  details.session = session;
  details.user = reported.value("user", "");
  details.rdp_certificate = reported.value("rdp_certificate", "");
  if (const auto address = net::IpAddress::try_parse(reported.value("address", "")))
    details.addresses = {{*address, 0}};
  const credentials::HostKey key{reported.value("ssh_host_key_type", ""), reported.value("ssh_host_key_blob", ""),
                                 reported.value("ssh_host_key", "")};
  if (!credentials::fault_of(key)) details.host_keys = {key};
  return details;
}

}  // namespace

SecretLink AgentLinks::make(const std::string& session, NewAgentLink wanted, const std::string& made_by) {
  const auto agent = parts_.sessions.find(session);
  if (!agent) throw Error(ErrorCode::not_found, fmt::format("there is no session '{}'", session));
  const auto request = parts_.sessions.request_of(agent->lease);
  require_wanted(wanted, request, options_);
  wanted.link.session = session;
  auto kept = parts_.links.make(agent->server, wanted.link, made_by);
  // A repeated link may have been revoked meanwhile.
  if (wanted.key && state_of(kept, parts_.sessions.now()) == LinkState::waiting) send(kept, wanted, *agent, request);
  return kept;
}

void AgentLinks::send(const SecretLink& kept, const NewAgentLink& wanted, const AgentSession& agent,
                      const RescueRequest& request) {
  if (options_.link_sender == nullptr) {
    log::warning("the one-time link o-{} of {} is not sent: no receiver is configured", kept.id, kept.server.text());
    return parts_.links.set_sending(kept.id, LinkSending::no_receiver);
  }
  LinkToSend link{kept.id, kept.server, agent.id, request.notify_address, request.notify_language};
  link.link = url_of(options_.links_url, wanted.link.name, *wanted.key);
  link.link_expires = kept.expires;
  link.ends = end_of(agent);
  link.code_policy = request.code;
  if (wanted.code) link.code = wanted.code->clone();
  link.connection =
      details_from(wanted.connection.empty() ? agent.connection : wanted.connection, kept.server, agent.id);
  options_.link_sender->send(link);
  parts_.links.set_sending(kept.id, LinkSending::queued);
  log::info("the one-time link o-{} of {} is queued for its receivers", kept.id, kept.server.text());
}

std::optional<WallTime> AgentLinks::end_of(const AgentSession& agent) {
  const auto lease = parts_.servers.state(agent.server).lease;
  if (!lease || lease->id != agent.lease) return std::nullopt;
  return lease->expires;
}

}  // namespace rescue::netboot
