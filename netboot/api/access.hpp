// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The table of rights: those that each role has, and those that each route needs.

#include "netboot/domain/token.hpp"

#include <span>
#include <string_view>

namespace rescue::netboot::api {

/// The right that a route needs of its caller.
enum class Right {
  nothing,        ///< none: boot scripts, health; the route checks the caller itself
  boot_token,     ///< a token of one boot, which the route redeems
  session,        ///< the host agent's session, and nothing else
  see,            ///< read what is known of servers, without secrets
  see_boot_mode,  ///< as `see`; a host agent only its own server's
  set_boot_mode,  ///< a host agent only to the disk, for its own server
  operate,        ///< switch power, start and finish rescues, open consoles
  collect,        ///< take sealed credentials
  share,          ///< make and revoke one-time links of secrets
  edit_servers,   ///< change how servers boot, and their notes
  identity,       ///< add and remove servers, and change what identifies them: cards, UUID, serial, address, tags
  administer      ///< tokens, BMCs, the audit log
};

/// Whether an answer may be kept (Idempotency-Key).
enum class Answer { plain, secret };

struct RouteRight {
  std::string_view method;
  std::string_view pattern;
  Right right;
  Answer answer = Answer::plain;
};

/// Covers every route: one without a line here is refused at start.
[[nodiscard]] std::span<const RouteRight> access_table() noexcept;

/// Throws `internal` for a route without a line.
[[nodiscard]] const RouteRight& route_right(std::string_view method, std::string_view pattern);

[[nodiscard]] bool may(Role role, Right right) noexcept;
/// Considers the token's additional rights, beside its role.
[[nodiscard]] bool may(const Caller& caller, Right right) noexcept;

/// Lists the roles for errors: "panel, admin".
[[nodiscard]] std::string roles_that_may(Right right);

}  // namespace rescue::netboot::api
