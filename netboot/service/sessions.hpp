// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot tokens and the sessions of host agents: who speaks for a server that was booted, and what was said.

#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/lease.hpp"
#include "netboot/domain/mac_address.hpp"
#include "netboot/domain/rescue_request.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

struct Redeemed {
  AgentSession session;
  RescueRequest request;
  std::string reason;  ///< of the lease
};

/// A heartbeat after its check.
struct Report {
  std::string phase;
  std::string text;                         ///< as JSON
  std::string connection;                   ///< as JSON; empty: nothing said of it
  std::optional<long long> done_command{};  ///< its outcome is in `text`
  bool undecided = false;                   ///< waits for an order that says what becomes of the guest's changes
};

/// State after a heartbeat.
struct Heard {
  AgentSession session;
  std::optional<Lease> lease;  ///< the server's; it may be a later one than the session's
  bool new_phase = false;
  bool has_done_command = false;  ///< with this heartbeat
};

struct SealedCredentials {
  std::string sealed;  ///< base64
  std::string connection;
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class Sessions {
public:
  /// `store` outlives this.
  Sessions(Store& store, AgentRules rules) : store_(store), rules_(rules) {}

  [[nodiscard]] const AgentRules& rules() const noexcept { return rules_; }
  [[nodiscard]] WallTime now() const { return store_.now(); }

  /// A new token of the boot that the server with this card is in; `peer` is who asks. Throws `not_found` for a card
  /// that nobody has, `denied` to another address than the server's, `conflict` when no boot was just counted, the
  /// host agent of a session is alive, or this boot has had very many. Refuses without writing.
  [[nodiscard]] BootToken mint(const MacAddress& mac, const std::string& peer);
  /// Throws as `mint` does, and makes no token.
  void check_mint(const MacAddress& mac, const std::string& peer);

  /// Checks a boot token that came from `peer`, before anything else is done for the caller: throws `not_found` when it
  /// is not known, `denied` at another address than the server's registered one.
  void check_boot_token(std::string_view boot_token, const std::string& peer);
  /// Starts the session of the token's boot, for the agent whose token has this SHA-256; with the same one again: the
  /// same answer. Throws `not_found` for a token that is not known, `denied` for one that has expired or whose lease
  /// has ended, `conflict` for another agent: then the session and the lease end.
  [[nodiscard]] Redeemed redeem(std::string_view boot_token, const std::string& agent_hash);

  /// Takes in a heartbeat, and keeps the lease alive. One that says what the one before has said is told to nobody.
  /// Throws `not_found`.
  Heard report(const std::string& id, const Report& report);
  /// Keeps credentials to hand out, instead of those before. Throws `conflict` when nobody has asked for any.
  void keep_credentials(const std::string& id, const SealedCredentials& credentials);
  /// Hands out the credentials of the session, once. Throws `not_found` when there are none yet.
  [[nodiscard]] std::optional<SealedCredentials> take_credentials(const std::string& id);

  /// The session of the server's lease; where that has ended, the server's latest one.
  [[nodiscard]] std::optional<AgentSession> current(const ServerName& name);
  [[nodiscard]] std::optional<AgentSession> find(const std::string& id);
  /// The latest session of a lease's boots.
  [[nodiscard]] std::optional<AgentSession> of_lease(long long lease);
  /// The request of the session. Throws `not_found`.
  [[nodiscard]] RescueRequest request_of(long long lease);

  /// Tells the agent with its next heartbeats.
  void command(const std::string& id, const AgentCommand& command);
  /// Takes a command back that the agent has not done; it may do it all the same. Does nothing for another command.
  void withdraw(const std::string& id, long long command);
  /// netbootd does not listen to this agent any more, and says why.
  void revoke(const std::string& id, const std::string& why);
  /// Whatever speaks for the server is worth nothing any more: tokens that were made by hand, boot tokens, and those of
  /// its sessions, which end by it. Its lease stays. Idempotent; throws `not_found`.
  void revoke_all(const ServerName& server, const std::string& by);

private:
  Store& store_;
  const AgentRules rules_;
};

}  // namespace rescue::netboot
