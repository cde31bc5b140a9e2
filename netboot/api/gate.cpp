// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/gate.hpp"

#include "netboot/api/access.hpp"
#include "netboot/api/authentication.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

void require_right(const Caller& caller, Right right) {
  if (may(caller.role, right)) return;
  throw Error(ErrorCode::denied, fmt::format("the {} may not do this", describe(caller)),
              fmt::format("It needs a token of one of these roles: {}.", roles_that_may(right)));
}

/// A host agent has one server, and with a redeemed boot token one session.
void require_own(const Caller& caller, Right right, const http::Request& request) {
  if (caller.role != Role::agent) return;
  if (right == Right::session && caller.session.empty()) {
    throw Error(ErrorCode::denied, fmt::format("the {} has no session", caller.label),
                "A host agent redeems its boot token first.");
  }
  const auto name = request.parameters.find("name");
  if (name != request.parameters.end() && (!caller.server || caller.server->text() != name->second)) {
    throw Error(ErrorCode::denied, fmt::format("the {} may touch nothing but its own server", caller.label));
  }
}

}  // namespace

Gate::Gate(http::Router& router, Store& store) : router_(router), store_(store) {}

void Gate::add(const std::string& method, const std::string& pattern, Action action) {
  const auto right = right_for(method, pattern);
  router_.add(method, pattern, [&store = store_, right, action = std::move(action)](const http::Request& request) {
    auto token = bearer_token(request);
    if (!token) return without_token();
    const auto recognised = Tokens(store).recognise(*token, request.peer);
    wipe(*token);
    if (!recognised.caller) return with_worthless_token(recognised);
    const auto& caller = recognised.caller;
    require_right(*caller, right);
    require_own(*caller, right, request);
    const auto name = request.parameters.find("name");
    if (name != request.parameters.end()) require_in_scope(*caller, ServerName::parse(name->second));
    return action(request, *caller);
  });
}

void Gate::add_open(const std::string& method, const std::string& pattern, http::Handler handler, http::RunOn run_on) {
  (void)right_for(method, pattern);
  router_.add(method, pattern, std::move(handler), run_on);
}

void Gate::add_open(const std::string& method, const std::string& pattern, http::QuickHandler quick,
                    http::Handler handler) {
  (void)right_for(method, pattern);
  router_.add_quick(method, pattern, std::move(quick), std::move(handler));
}

void require_in_scope(const Caller& caller, const ServerName& server) {
  if (caller.scope.holds(server)) return;
  throw Error(ErrorCode::not_found, fmt::format("there is no server '{}'", server.text()),
              "'netbootctl server list' shows what there is.");
}

}  // namespace rescue::netboot::api
