// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A rescue session as netbootd sees it: what the host agent of one boot has said of itself (docs/host-agent.md).

#include "core/clock.hpp"
#include "core/words.hpp"
#include "netboot/domain/server_name.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

struct AgentRules {
  Milliseconds alive{20'000};            ///< a host agent that was heard of within it is alive
  Milliseconds token_lifetime{600'000};  ///< of boot tokens, from the counted boot on
  Milliseconds heartbeat_interval{3'000};
  bool any_address = false;  ///< tokens of hosts are taken from elsewhere than the server's registered address, too
};

/// What the host agent is to do; repeated with each heartbeat until one shows that it is done.
struct AgentCommand {
  long long id = 0;
  std::string kind;              ///< "finish"
  std::string then;              ///< "reboot", "poweroff", "stay"
  std::string changes = "keep";  ///< of the guest on the server's disks: "keep", "discard"
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
  std::string revoked{};  ///< why netbootd does not listen to it any more; empty: it does
  std::string phase = "idle";
  std::string report = "{}";      ///< its last heartbeat, as JSON that was checked when it came
  std::string connection = "{}";  ///< how to connect, as JSON
  std::optional<WallTime> sealed{};
  std::optional<WallTime> read{};  ///< when the credentials were handed out
  std::optional<AgentCommand> command{};
};

/// Neither ended nor silent for longer than `rules.alive`.
[[nodiscard]] bool is_alive(const AgentSession& session, const AgentRules& rules, WallTime now) noexcept;
[[nodiscard]] Delivery delivery_of(const AgentSession& session) noexcept;
/// "finished", "failed": nothing comes after it.
[[nodiscard]] bool is_final(std::string_view phase) noexcept;
/// "finishing" and what comes after it.
[[nodiscard]] bool is_on_way_out(std::string_view phase) noexcept;

using rescue::name_of;

}  // namespace rescue::netboot
