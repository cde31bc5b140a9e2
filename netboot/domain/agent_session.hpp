// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A rescue session as netbootd sees it: the reports of one boot's host agent (docs/host-agent.md).

#include "core/clock.hpp"
#include "core/words.hpp"
#include "netboot/domain/server_name.hpp"
#include "netboot/domain/ticket_order.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

struct AgentRules {
  Milliseconds alive{20'000};            ///< a host agent is alive for so long after a heartbeat
  Milliseconds token_lifetime{600'000};  ///< of boot tokens, from the counted boot on
  Milliseconds heartbeat_interval{3'000};
  bool any_address = false;  ///< also accepts tokens of hosts from elsewhere than the server's registered address
};

/// A command to the host agent; repeated with each heartbeat until one shows that it is done.
struct AgentCommand {
  long long id = 0;
  std::string kind;       ///< a word of contract::AgentCommand
  std::string then;       ///< "reboot", "poweroff", "stay"
  std::string changes{};  ///< of the guest on the server's disks: "keep", "discard"; empty: nobody decided
  std::optional<TicketOrder> ticket{};
};

enum class Delivery { none, available, read };
constexpr auto words_of(Delivery) { return words<Delivery>("none", "available", "read"); }

struct AgentSession {
  std::string id;  ///< "s-..."
  ServerName server;
  long long lease = 0;
  unsigned boot = 0;  ///< of the lease: 1, 2, 3
  WallTime began{};
  WallTime heard{};
  std::optional<WallTime> ended{};
  std::string revoked{};  ///< why netbootd no longer listens to the agent; empty: it listens
  std::string phase = "idle";
  std::string report = "{}";      ///< its last heartbeat, as JSON that was validated on arrival
  std::string connection = "{}";  ///< how to connect, as JSON
  std::optional<WallTime> sealed{};
  std::optional<WallTime> read{};  ///< when the credentials were handed out
  std::optional<AgentCommand> command{};
};

/// True if it has not ended, and its last heartbeat is no older than `rules.alive`.
[[nodiscard]] bool is_alive(const AgentSession& session, const AgentRules& rules, WallTime now) noexcept;
[[nodiscard]] Delivery delivery_of(const AgentSession& session) noexcept;
/// True if its last heartbeat has an open ticket of a helpdesk.
[[nodiscard]] bool has_open_ticket(const AgentSession& session);
/// True if its last heartbeat waits for an order that says what becomes of the guest's changes.
[[nodiscard]] bool is_undecided(const AgentSession& session);
/// True for "finished" and "failed".
[[nodiscard]] bool is_final(std::string_view phase) noexcept;
/// True for "finishing" and the final phases.
[[nodiscard]] bool is_on_way_out(std::string_view phase) noexcept;

using rescue::name_of;

}  // namespace rescue::netboot
