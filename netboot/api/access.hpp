// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What each role may do, and what each route needs: the one table of it.

#include "netboot/domain/token.hpp"

#include <span>
#include <string_view>

namespace rescue::netboot::api {

/// What a route needs of its caller.
enum class Right {
  nothing,        ///< anybody: boot scripts, health; the route looks itself who asks
  boot_token,     ///< a token of one boot, which the route redeems
  session,        ///< the host agent's session, and nothing else
  see,            ///< what is known of servers, without secrets
  see_boot_mode,  ///< that too, and a host agent its own
  set_boot_mode,  ///< a host agent: to the disk, of its own server
  operate,        ///< power, rescue and its end
  collect,        ///< take sealed credentials
  edit_servers,   ///< change how servers boot, and what people note of them
  identity,       ///< add and remove servers, and change what tells one apart: cards, UUID, serial, address, tags
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

/// Of every route; one that is added without its line here is refused at start.
[[nodiscard]] std::span<const RouteRight> access_table() noexcept;

/// Throws `internal` for a route without a line.
[[nodiscard]] const RouteRight& route_right(std::string_view method, std::string_view pattern);

[[nodiscard]] bool may(Role role, Right right) noexcept;
/// With what the token was given beside its role.
[[nodiscard]] bool may(const Caller& caller, Right right) noexcept;

/// "panel, admin": for errors.
[[nodiscard]] std::string roles_that_may(Right right);

}  // namespace rescue::netboot::api
