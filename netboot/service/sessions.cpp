// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/sessions.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/service/secret_links.hpp"
#include "netboot/store/boot_token_rows.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/lease_rows.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/session_rows.hpp"
#include "netboot/store/token_rows.hpp"

#include <fmt/format.h>

namespace rescue::netboot {
namespace {

/// The lease that a boot token of this server may be minted for. Throws as `Sessions::mint` says.
Lease mintable(soci::session& session, const Server& server, const std::string& peer, const Sessions& sessions,
               const LeaseLimits& limits) {
  const auto& name = server.name.text();
  if (server.address.empty()) {
    throw Error(ErrorCode::conflict, fmt::format("no address is registered for {}", name),
                "Boot tokens go to the server's own address only: add the server with --address.");
  }
  if (peer != server.address) {
    throw Error(ErrorCode::denied, fmt::format("{} is not the address of {}", peer, name),
                "Boot tokens go to the server's registered address only.");
  }
  const auto lease = rows::current_lease(session, name);
  if (!lease || !is_booting(*lease, limits, sessions.rules().token_lifetime, sessions.now())) {
    throw Error(ErrorCode::conflict, fmt::format("{} was not just booted into a rescue system", name));
  }
  if (!lease->has_agent) {
    throw Error(ErrorCode::conflict,
                fmt::format("{} was booted into {}, which has no host agent", name, lease->mode.name()));
  }
  const auto latest = rows::latest_session(session, name);
  if (latest && is_alive(*latest, sessions.rules(), sessions.now())) {
    throw Error(ErrorCode::conflict, fmt::format("the host agent of {} is alive", name),
                "It has its token already. After a power cut this passes within agent.alive.");
  }
  return *lease;
}

Server owner(soci::session& session, const MacAddress& mac) {
  if (const auto name = rows::owner_of(session, mac)) {
    return rows::require_server(session, ServerName::parse(*name));
  }
  throw Error(ErrorCode::not_found, fmt::format("{} belongs to no server known here", mac.text()));
}

rows::BootTokenRow require_token(soci::session& session, std::string_view token) {
  if (auto found = rows::find_boot_token(session, hash_of(token))) return *std::move(found);
  throw Error(ErrorCode::not_found, "the boot token is not known here");
}

void require_redeemable(soci::session& session, const rows::BootTokenRow& token, const LeaseLimits& limits,
                        WallTime now) {
  if (now > token.expires) {
    throw Error(ErrorCode::denied, "the boot token has expired", "Restart the server: each boot has its own token.");
  }
  const auto lease = rows::current_lease(session, token.server);
  const auto state = lease && lease->id == token.lease ? state_of(*lease, limits, now) : LeaseState::expired;
  if (state == LeaseState::expired || state == LeaseState::unheard) {
    throw Error(ErrorCode::denied, "the lease that the server was booted for has ended",
                "Ask for the rescue again: netbootctl rescue start " + token.server);
  }
}

/// An iPXE that asks again gets another; who asks without end gets no more.
void refuse_more_tokens(soci::session& session, const std::string& server, const Lease& lease) {
  constexpr int most = 50;
  const auto made = rows::count_boot_tokens(session, server, lease.id, lease.boots);
  if (made < most) return;
  throw Error(ErrorCode::conflict, fmt::format("{} boot tokens were made for this boot of {}", made, server),
              "Restart the server: each boot has tokens of its own.");
}

std::string fresh_id() {
  constexpr std::size_t digits = 16;
  return "s-" + hash_of(fresh_token().reveal()).substr(0, digits);
}

void end_as(AgentSession& ended, const std::string& why, WallTime now) {
  ended.revoked = why;
  ended.ended = ended.ended.value_or(now);
}

void update(soci::session& session, const AgentSession& agent, ChangeSet& changed) {
  rows::update_session(session, agent);
  changed.session(agent.id, agent.server.text());
}

/// Ends a session whose agent is no longer listened to. The password behind its link may work no more.
void end_session(soci::session& session, AgentSession& agent, const std::string& why, WallTime now,
                 ChangeSet& changed) {
  end_as(agent, why, now);
  update(session, agent, changed);
  revoke_links_of_agents(session, agent.server.text(), agent.id, "netbootd: the session has ended", now, changed);
}

/// Most heartbeats say what the one before has said.
bool says_more(const AgentSession& now, const AgentSession& before) {
  return now.phase != before.phase || now.report != before.report || now.connection != before.connection ||
         now.ended.has_value() != before.ended.has_value();
}

/// The server's lease, kept alive if it is the session's. One that the dead man has ended stays ended, whoever comes
/// back.
std::optional<Lease> keep_alive(soci::session& session, const AgentSession& agent, const LeaseLimits& limits,
                                WallTime now) {
  auto lease = rows::current_lease(session, agent.server.text());
  if (!lease || lease->id != agent.lease || state_of(*lease, limits, now) == LeaseState::unheard) return lease;
  rows::update_last_heard(session, lease->id, now);
  lease->last_heard = now;
  return lease;
}

}  // namespace

BootToken Sessions::mint(const MacAddress& mac, const std::string& peer) {
  check_mint(mac, peer);
  auto token = fresh_token();
  const auto hash = hash_of(token.reveal());
  auto server = store_.database().write([&](soci::session& session) {
    const auto booted = owner(session, mac);
    rows::lock_server(session, booted.name);
    const auto lease = mintable(session, booted, peer, *this, store_.limits());
    refuse_more_tokens(session, booted.name.text(), lease);
    rows::insert_boot_token(
        session, hash, {booted.name.text(), lease.id, lease.boots, lease.last_boot.value() + rules_.token_lifetime});
    return booted.name;
  });
  return {std::move(server), std::move(token)};
}

void Sessions::check_mint(const MacAddress& mac, const std::string& peer) {
  store_.database().read([&](soci::session& session) {
    const auto booted = owner(session, mac);
    refuse_more_tokens(session, booted.name.text(), mintable(session, booted, peer, *this, store_.limits()));
  });
}

void Sessions::check_boot_token(std::string_view boot_token, const std::string& peer) {
  store_.database().read([&](soci::session& session) {
    const auto token = require_token(session, boot_token);
    const auto server = rows::require_server(session, ServerName::parse(token.server));
    if (rules_.any_address || server.address.empty() || server.address == peer) return;
    throw Error(ErrorCode::denied, fmt::format("{} is not the address of {}", peer, token.server),
                "Boot tokens are redeemed at the server's registered address only. A reverse proxy between them belongs"
                " into listen.trusted_proxies.");
  });
}

Redeemed Sessions::redeem(std::string_view boot_token, const std::string& agent_hash) {
  struct Outcome {
    std::optional<Redeemed> redeemed;  ///< none: the token is used by two
    std::string server;
  };
  const auto outcome = store_.database().write([&](soci::session& session, ChangeSet& changed) -> Outcome {
    const auto token = require_token(session, boot_token);
    rows::lock_server(session, ServerName::parse(token.server));
    auto agent = rows::session_of_boot(session, token.lease, token.boot);
    if (agent && rows::agent_hash_of(session, agent->id) != agent_hash) {
      end_session(session, *agent, "boot-token-reused", now(), changed);
      const auto lease = rows::current_lease(session, token.server);
      if (lease && lease->id == token.lease) {
        rows::end_current_lease(session, token.server, now(), "netbootd: boot-token-reused");
        changed.server(token.server);
      }
      return {std::nullopt, token.server};
    }
    if (!agent) {
      require_redeemable(session, token, store_.limits(), now());
      if (auto before = rows::latest_session(session, token.server); before && !before->ended) {
        end_session(session, *before, "superseded", now(), changed);
      }
      agent = AgentSession{fresh_id(), ServerName::parse(token.server), token.lease, token.boot, now(), now()};
      rows::insert_session(session, *agent, agent_hash);
      changed.session(agent->id, token.server);
      rows::update_last_heard(session, token.lease, now());
    } else if (!agent->revoked.empty()) {
      throw Error(ErrorCode::denied, "the session of this boot token has ended: " + agent->revoked);
    }
    return {Redeemed{*agent, rows::request_of_lease(session, token.lease), rows::reason_of_lease(session, token.lease)},
            token.server};
  });
  if (outcome.redeemed) return *outcome.redeemed;
  log::error("{}: a boot token was redeemed by two; its session and its lease are ended", outcome.server);
  throw Error(ErrorCode::conflict, "the boot token was redeemed by somebody else",
              "Somebody has read it: look at who can see the provisioning network, then ask for the rescue again.");
}

Heard Sessions::report(const std::string& id, const Report& report) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) -> Heard {
    rows::lock_server_of_session(session, id);
    auto agent = rows::require_session(session, id);
    // Admitted just before it was revoked: it must not open its session again.
    if (!agent.revoked.empty()) throw Error(ErrorCode::denied, "the session has ended: " + agent.revoked);
    const auto before = agent;
    agent.heard = now();
    agent.phase = report.phase;
    agent.report = report.text;
    if (!report.connection.empty()) agent.connection = report.connection;
    // An agent that goes on by hand after a failure is listened to: its session is open again.
    agent.ended = is_final(report.phase) ? std::optional(agent.ended.value_or(now())) : std::nullopt;
    if (agent.command && is_on_way_out(report.phase) && !report.undecided) agent.command.reset();
    const bool is_done = agent.command && report.done_command == agent.command->id;
    if (is_done) agent.command.reset();
    rows::update_session(session, agent);
    if (agent.ended && !before.ended) {
      revoke_links_of_agents(session, agent.server.text(), id, "netbootd: the session has ended", now(), changed);
    }
    if (says_more(agent, before)) changed.session(id, agent.server.text());
    auto lease = keep_alive(session, agent, store_.limits(), now());
    const bool new_phase = agent.phase != before.phase;
    return {std::move(agent), std::move(lease), new_phase, is_done};
  });
}

void Sessions::keep_credentials(const std::string& id, const SealedCredentials& credentials) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server_of_session(session, id);
    auto agent = rows::require_session(session, id);
    if (rows::request_of_lease(session, agent.lease).public_key.empty()) {
      throw Error(ErrorCode::conflict, "no public key came with the request: nobody could open the credentials");
    }
    agent.heard = now();
    if (!credentials.connection.empty()) agent.connection = credentials.connection;
    update(session, agent, changed);
    (void)keep_alive(session, agent, store_.limits(), now());
    rows::put_credentials(session, id, credentials.sealed, now());
  });
}

std::optional<SealedCredentials> Sessions::take_credentials(const std::string& id) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) -> std::optional<SealedCredentials> {
    rows::lock_server_of_session(session, id);
    const auto agent = rows::require_session(session, id);
    if (!agent.sealed) {
      throw Error(ErrorCode::not_found, "there are no credentials yet", "They come with the phase 'serving'.");
    }
    if (agent.read) return std::nullopt;
    SealedCredentials credentials{rows::take_credentials(session, id, now()), agent.connection};
    changed.session(id, agent.server.text());
    return credentials;
  });
}

std::optional<AgentSession> Sessions::current(const ServerName& name) {
  return store_.database().read([&](soci::session& session) -> std::optional<AgentSession> {
    (void)rows::require_server(session, name);
    const auto lease = rows::current_lease(session, name.text());
    if (lease) {
      auto agent = rows::session_of_lease(session, lease->id);
      const auto state = state_of(*lease, store_.limits(), now());
      if (agent || (state != LeaseState::expired && state != LeaseState::unheard)) return agent;
    }
    return rows::latest_session(session, name.text());
  });
}

std::optional<AgentSession> Sessions::find(const std::string& id) {
  return store_.database().read([&](soci::session& session) { return rows::find_session(session, id); });
}

std::optional<AgentSession> Sessions::of_lease(long long lease) {
  return store_.database().read([&](soci::session& session) { return rows::session_of_lease(session, lease); });
}

RescueRequest Sessions::request_of(long long lease) {
  return store_.database().read([&](soci::session& session) { return rows::request_of_lease(session, lease); });
}

void Sessions::command(const std::string& id, const AgentCommand& command) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server_of_session(session, id);
    auto agent = rows::require_session(session, id);
    agent.command = command;
    update(session, agent, changed);
  });
}

void Sessions::withdraw(const std::string& id, long long command) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server_of_session(session, id);
    auto agent = rows::require_session(session, id);
    if (!agent.command || agent.command->id != command) return;
    agent.command.reset();
    update(session, agent, changed);
  });
}

void Sessions::revoke(const std::string& id, const std::string& why) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server_of_session(session, id);
    auto agent = rows::require_session(session, id);
    end_session(session, agent, why, now(), changed);
  });
}

void Sessions::revoke_all(const ServerName& server, const std::string& by) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, server);
    rows::delete_agent_tokens(session, server.text());
    rows::delete_boot_tokens(session, server.text());
    for (auto& agent : rows::sessions_listened_to(session, server.text())) {
      end_session(session, agent, "revoked by " + by, now(), changed);
    }
    changed.server(server.text());
  });
}

}  // namespace rescue::netboot
