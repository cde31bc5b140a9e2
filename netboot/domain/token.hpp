// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// API tokens: made once, shown once, stored only as a hash.

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "core/words.hpp"
#include "netboot/domain/server_name.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

enum class Role {
  admin,      ///< everything
  panel,      ///< servers, rescues, sealed credentials
  operating,  ///< "operator": rescues and power
  read_only,  ///< reads
  agent       ///< the host agent of one server: reads and ends its own boot mode
};

constexpr auto words_of(Role) { return words<Role>("admin", "panel", "operator", "read-only", "agent"); }
using rescue::name_of;
/// None for an unknown name.
[[nodiscard]] std::optional<Role> role_of(std::string_view name) noexcept;

/// The servers that a token is bound to; empty: all.
struct Scope {
  std::vector<std::string> servers;  ///< by name; unknown ones too
  std::vector<std::string> tags{};   ///< those with one of these at use; a caller's are in `servers`

  [[nodiscard]] bool is_bound() const noexcept { return !servers.empty() || !tags.empty(); }
  [[nodiscard]] bool holds(const ServerName& server) const;
  bool operator==(const Scope&) const = default;
};

/// The owner of a token.
struct Caller {
  Role role = Role::agent;
  std::string label;                 ///< for people: the token's name, "agent of web-01"
  std::optional<ServerName> server;  ///< of an agent
  std::string session{};             ///< of an agent that has redeemed a boot token; empty: its token was made by hand
  Scope scope{};                     ///< anything outside does not exist for the caller
  long long token = 0;               ///< its number; 0: an agent's token
  std::string address{};             ///< of an agent: its server's registered one; empty: none
  bool identity = false;             ///< may change the identity of servers, if its role may change servers
};

/// Facts about a token that may be shown.
struct TokenFacts {
  long long id = 0;
  std::string name;  ///< unique among tokens that are not revoked
  Role role = Role::read_only;
  Scope scope{};
  std::string created_by{};
  WallTime created{};
  std::optional<WallTime> expires{};
  std::optional<WallTime> used{};  ///< to the minute
  std::string used_from{};         ///< an address
  std::optional<WallTime> revoked{};
  std::string revoked_by{};
  bool identity = false;
};

/// Token that the rescue system of one boot redeems for its session.
struct BootToken {
  ServerName server;
  Secret token;
};

/// 32 random bytes, printable, with a prefix that secret scanners can find.
[[nodiscard]] Secret fresh_token();

/// SHA-256 in hex. Tokens are random and need neither salt nor a slow hash; lookups use the hash, so their timing
/// reveals nothing about a token.
[[nodiscard]] std::string hash_of(std::string_view token);

}  // namespace rescue::netboot
