// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// API tokens: made once, shown once, kept only as a hash.

#include "core/secret.hpp"
#include "netboot/domain/server_name.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

enum class Role {
  admin,  ///< everything
  agent   ///< the host agent of one server: sees and ends its own boot mode
};

[[nodiscard]] std::string_view name_of(Role role) noexcept;

/// Whom a token speaks for.
struct Caller {
  Role role = Role::agent;
  std::string label;                 ///< for people: "admin", "agent of web-01"
  std::optional<ServerName> server;  ///< of an agent
  std::string session{};             ///< of an agent that has redeemed a boot token; empty: its token was made by hand
};

/// 32 random bytes, printable, behind a prefix that secret scanners can look for.
[[nodiscard]] Secret fresh_token();

/// SHA-256 in hex. Tokens are random, so no salt and no slow hash is needed; and since lookups go by the hash, their
/// timing tells nothing about a token.
[[nodiscard]] std::string hash_of(std::string_view token);

}  // namespace rescue::netboot
