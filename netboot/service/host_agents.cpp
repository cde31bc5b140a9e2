// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/host_agents.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

namespace rescue::netboot {

/// Refuses from memory, without the database, what is known there to be wrong.
void HostAgents::require_known_here(const MacAddress& mac, const std::string& peer) {
  if (options_.agent.url.empty()) {
    throw Error(ErrorCode::not_found, "this netbootd does not speak with host agents",
                "Set agent.url in netbootd.yaml.");
  }
  if (parts_.book.knows_all()) {
    const auto known = parts_.book.known(BootKey(mac.number()));
    if (known && !known->address.empty() && known->address != peer) {
      throw Error(ErrorCode::denied, fmt::format("{} is not the address of {}", peer, known->server),
                  "Boot tokens go to the server's registered address only.");
    }
    if (!known) throw Error(ErrorCode::not_found, fmt::format("{} belongs to no server known here", mac.text()));
  }
  parts_.book.catch_up(false);  // this boot may have been answered while the database was away
}

std::string HostAgents::second_initrd(const MacAddress& mac, const std::string& peer) {
  require_known_here(mac, peer);
  const auto& ca_file = options_.agent.ca_file;
  const auto ca = ca_file.empty() ? std::string{} : read_file(ca_file);
  const auto token = parts_.sessions.mint(mac, peer);
  log::info("boot token for {} at {}", token.server.text(), peer);
  return rescue_boot_archive(options_.agent, token, ca);
}

void HostAgents::check_second_initrd(const MacAddress& mac, const std::string& peer) {
  require_known_here(mac, peer);
  parts_.sessions.check_mint(mac, peer);
}

void HostAgents::check_boot_token(std::string_view boot_token, const std::string& peer) {
  parts_.sessions.check_boot_token(boot_token, peer);
}

Redeemed HostAgents::redeem(std::string_view boot_token, const std::string& agent_hash) {
  auto redeemed = parts_.sessions.redeem(boot_token, agent_hash);
  log::info("the rescue system of {} is up: session {}", redeemed.session.server.text(), redeemed.session.id);
  wake();
  return redeemed;
}

Heard HostAgents::report(const std::string& session, const Report& report) {
  auto heard = parts_.sessions.report(session, report);
  if (heard.new_phase || heard.has_done_command) wake();
  if (heard.new_phase) {
    log::info("session {} of {}: {}", heard.session.id, heard.session.server.text(), heard.session.phase);
  }
  return heard;
}

void HostAgents::keep_credentials(const std::string& session, const SealedCredentials& credentials) {
  parts_.sessions.keep_credentials(session, credentials);
  log::info("session {}: sealed credentials are here", session);
}

void HostAgents::revoke_all(const ServerName& server, const std::string& by) {
  parts_.sessions.revoke_all(server, by);
  log::info("whatever speaks for {} was revoked by {}", server.text(), by);
  wake();
}

}  // namespace rescue::netboot
