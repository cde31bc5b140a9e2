// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What netbootd remembers: servers, leases, tokens. Thread-safe; every call blocks for the database.

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/lease.hpp"
#include "netboot/domain/rescue_request.hpp"
#include "netboot/domain/server.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/changes.hpp"
#include "netboot/store/database_settings.hpp"

#include <atomic>
#include <forward_list>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soci {
class session;
}

namespace rescue::netboot {

class Database;
struct ImportOptions;
struct ImportResult;
struct ServerChange;
struct ServerQuery;

struct LeaseRequest {
  BootMode mode = BootMode::rescue_windows;
  LeasePolicy policy = LeasePolicy::until_finished;
  Milliseconds time_to_live{};
  std::string requested_by;
  std::string reason;
  RescueRequest rescue{};
  bool has_agent = true;  ///< as `Lease` has it
};

/// A server with what it boots next.
struct ServerState {
  Server server;
  BootMode mode = BootMode::disk;
  std::optional<Lease> lease;  ///< the latest that nobody has ended; it may be used up or expired
};

/// Differs when somebody has set what the server boots; boots and the clock change nothing of it. Below 0: its disk,
/// which is not the disk of a server that had this name before.
[[nodiscard]] inline long long lease_version(const ServerState& state) {
  if (state.lease) return state.lease->id;
  return -std::chrono::duration_cast<Milliseconds>(state.server.created.time_since_epoch()).count();
}

struct ServerPage {
  std::vector<ServerState> servers;
  bool is_last = true;
};

/// Every call throws `unavailable` when the database fails, and calls that name a server `not_found` without it.
class Store {
public:
  /// `clock` outlives the store. See `Database` for what opening throws.
  Store(DatabaseSettings settings, LeaseLimits limits, const Clock& clock);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] int schema();
  /// Does nothing when the database answers.
  void check();
  /// Stays valid, and as it is, as long as the store.
  [[nodiscard]] const LeaseLimits& limits() const noexcept { return *limits_.load(); }
  /// From now on. One call at a time.
  void set_limits(const LeaseLimits& limits) {
    all_limits_.push_front(limits);
    limits_ = &all_limits_.front();
  }
  /// Decides when leases end, see `Database::now`. Does not block.
  [[nodiscard]] WallTime now() const;
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }
  /// For the other stores: they share the transactions.
  [[nodiscard]] Database& database() noexcept { return *database_; }
  /// Told of what changes here, and in the other stores.
  [[nodiscard]] Changes& changes() noexcept { return changes_; }

  /// Throws `conflict` when the name, a MAC address, the UUID, the serial number or the address is taken, naming by
  /// whom where that server is in `seen`.
  void add_server(const Server& server, const Scope& seen = {});
  /// All of them or none.
  [[nodiscard]] ImportResult import_servers(const std::vector<ServerChange>& changes, const ImportOptions& options);
  /// By name.
  [[nodiscard]] std::vector<ServerState> servers();
  /// Those that match, by name, a page of them.
  [[nodiscard]] ServerPage find_servers(const ServerQuery& query);
  [[nodiscard]] ServerState server(const ServerName& name);
  /// The server as `change` leaves it, one version on; its name stays. None, and nothing is changed, when `expected` is
  /// given and is not its version any more. Throws `conflict` as `add_server` does, with `heeded` also where the
  /// address changes in a session by these rules or the BMC while a task is at it, and what `change` throws.
  [[nodiscard]] std::optional<ServerState> change_server(const ServerName& name,
                                                         const std::function<void(Server&)>& change,
                                                         std::optional<long long> expected = std::nullopt,
                                                         const Scope& seen = {},
                                                         const std::optional<AgentRules>& heeded = std::nullopt);
  /// None: the server has no BMC any more.
  ServerState put_bmc(const ServerName& name, const std::optional<BmcEndpoint>& bmc);
  /// Throws `conflict` while a lease is active, and with `heeded` while a session of it may be alive by these rules or
  /// a task is at its BMC; with `force` it is removed all the same. Its tokens and its leases go with it. False, and
  /// nothing is changed, when `expected` is given and is not its version any more.
  bool remove_server(const ServerName& name, std::optional<long long> expected = std::nullopt,
                     const std::optional<AgentRules>& heeded = std::nullopt, bool force = false);

  /// Replaces the lease that there is.
  ServerState grant_lease(const ServerName& name, const LeaseRequest& request);
  /// Back to the disk, by whom. Idempotent.
  ServerState end_lease(const ServerName& name, const std::string& ended_by);
  /// Either of them. None, and nothing is changed, when `expected` is given and is not the `lease_version` any more.
  /// With `heeded` throws `conflict` while a session may be alive by these rules: its end needs the lease.
  std::optional<ServerState> grant_lease(const ServerName& name, const LeaseRequest& request,
                                         std::optional<long long> expected,
                                         const std::optional<AgentRules>& heeded = std::nullopt);
  std::optional<ServerState> end_lease(const ServerName& name, const std::string& ended_by,
                                       std::optional<long long> expected,
                                       const std::optional<AgentRules>& heeded = std::nullopt);
  /// As above, when `lease` still is the server's: a late word about an earlier lease ends nothing.
  ServerState end_lease(const ServerName& name, long long lease, const std::string& ended_by);
  /// What the server with this card boots now. With `count`, a rescue boot counts against its lease: the answer is
  /// what to serve, its lease is as it stands afterwards.
  [[nodiscard]] std::optional<ServerState> boot(const MacAddress& mac, bool count);
  [[nodiscard]] std::optional<ServerState> boot(const ServerName& name, bool count);

  /// A new token; the earlier ones of the same owner are worth nothing from then on.
  [[nodiscard]] Secret issue_admin_token();
  [[nodiscard]] Secret issue_agent_token(const ServerName& name);
  /// The owner of a token, or the host agent of a session that netbootd listens to.
  [[nodiscard]] std::optional<Caller> caller_of(std::string_view token);

private:
  [[nodiscard]] ServerState state(Server server, std::optional<Lease> lease) const;
  void heed(soci::session& session, const ServerName& name, const std::optional<AgentRules>& rules) const;

  std::forward_list<LeaseLimits> all_limits_;  ///< since the start: somebody may still go by earlier ones
  std::atomic<const LeaseLimits*> limits_;
  const Clock& clock_;
  Changes changes_;
  std::unique_ptr<Database> database_;
};

}  // namespace rescue::netboot
