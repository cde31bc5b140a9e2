// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// API tokens: made once, shown once, kept only as a hash.

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
  read_only,  ///< looks
  agent       ///< the host agent of one server: sees and ends its own boot mode
};

constexpr auto words_of(Role) { return words<Role>("admin", "panel", "operator", "read-only", "agent"); }
using rescue::name_of;
/// None for a name that is no role's.
[[nodiscard]] std::optional<Role> role_of(std::string_view name) noexcept;

/// The servers that a token is bound to; bound to nothing, it is for all of them.
struct Scope {
  std::vector<std::string> servers;  ///< by name; they need not be known yet
  std::vector<std::string> tags{};   ///< whatever has one of these at the moment; a caller's are among `servers`

  [[nodiscard]] bool is_bound() const noexcept { return !servers.empty() || !tags.empty(); }
  [[nodiscard]] bool holds(const ServerName& server) const;
  bool operator==(const Scope&) const = default;
};

/// Whom a token speaks for.
struct Caller {
  Role role = Role::agent;
  std::string label;                 ///< for people: the token's name, "agent of web-01"
  std::optional<ServerName> server;  ///< of an agent
  std::string session{};             ///< of an agent that has redeemed a boot token; empty: its token was made by hand
  Scope scope{};                     ///< what is out of it does not exist for the caller
  long long token = 0;               ///< its number; 0: an agent's
  std::string address{};             ///< of an agent: its server's registered one; empty: none
  bool identity = false;             ///< may say which machine a server is, where its role may change servers at all
};

/// What may be told of a token.
struct TokenFacts {
  long long id = 0;
  std::string name;  ///< one of those that are not revoked has it
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

/// What the rescue system of one boot redeems for its session.
struct BootToken {
  ServerName server;
  Secret token;
};

/// 32 random bytes, printable, behind a prefix that secret scanners can look for.
[[nodiscard]] Secret fresh_token();

/// SHA-256 in hex. Tokens are random, so no salt and no slow hash is needed; and since lookups go by the hash, their
/// timing tells nothing about a token.
[[nodiscard]] std::string hash_of(std::string_view token);

}  // namespace rescue::netboot
