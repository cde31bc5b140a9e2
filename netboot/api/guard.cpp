// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/guard.hpp"

#include "core/log.hpp"
#include "core/log_settings.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/idempotency_key.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

void require_right(const Caller& caller, Right right) {
  if (may(caller, right)) return;
  if (right == Right::identity) throw may_not_identify(caller);
  throw Error(ErrorCode::denied, fmt::format("the {} may not do this", describe(caller)),
              fmt::format("It needs a token of one of these roles: {}.", roles_that_may(right)));
}

std::string named_server(const http::Request& request) {
  const auto name = request.parameters.find("name");
  return name == request.parameters.end() ? std::string{} : name->second;
}

/// Restricts a host agent to its server, and with a redeemed boot token to its session.
void require_own(const Caller& caller, Right right, const std::string& server) {
  if (caller.role != Role::agent) return;
  if (right == Right::session && caller.session.empty()) {
    throw Error(ErrorCode::denied, fmt::format("the {} has no session", caller.label),
                "A host agent redeems its boot token first.");
  }
  if (!server.empty() && (!caller.server || caller.server->text() != server)) {
    throw Error(ErrorCode::denied, fmt::format("the {} may use its own server only", caller.label));
  }
}

void require_permission(const Caller& caller, Right right, const std::string& server) {
  require_right(caller, right);
  require_own(caller, right, server);
  if (!server.empty()) require_in_scope(caller, ServerName::parse(server));
}

/// False for heartbeats: they come every few seconds, and nobody requests them.
bool is_audited(const RouteRight& route) { return route.method != "GET" && route.pattern != "/v1/agent/heartbeat"; }

Acting acting_for(const http::Request& request, const RouteRight& route, WallTime now) {
  Acting acting;
  acting.request_id = request.id;
  acting.method = route.method;
  acting.route = route.pattern;
  acting.server = named_server(request);
  acting.peer = request.peer;
  acting.at = now;
  return acting;
}

Acting acting_for(const http::Request& request, const RouteRight& route, WallTime now, const Caller& caller) {
  auto acting = acting_for(request, route, now);
  acting.who = caller.label;
  acting.role = name_of(caller.role);
  if (caller.token != 0) acting.token = fmt::format("k-{}", caller.token);
  return acting;
}

ErrorCode code_of(const http::Response& response) {
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  return body.is_object() ? error_code_of(body.value("code", "internal")) : ErrorCode::internal;
}

}  // namespace

Guard::Guard(Store& store, std::shared_ptr<Allowances> allowances, std::shared_ptr<Refusals> refusals, AgentRules rules)
    : tokens_(store), audit_(store), keys_(store), allowances_(std::move(allowances)), refusals_(std::move(refusals)),
      rules_(rules) {}

http::Response Guard::admit(const http::Request& request, const RouteRight& route, const Action& action,
                            Authentication& authentication) {
  http::Response refusal;
  const auto known = identify(request, authentication, refusal);
  if (!known) return refusal;
  const auto& caller = known->caller;
  if (const auto wait = wait_of(caller)) return too_many(*wait);
  auto acting = acting_for(request, route, tokens_.now(), caller);
  try {
    require_permission(caller, route.right, acting.server);
  } catch (const Error& error) {
    leave_entry(acting, error, is_audited(route));
    throw;
  }
  const log::About server("server", acting.server);
  const log::About session("session", caller.session);
  if (!is_audited(route)) return action(request, caller);
  const auto key = idempotency_key_of(request, route);
  acting.idempotency_key = key.value_or("");
  const auto work = [&] { return audited(acting, [&] { return action(request, caller); }); };
  return key ? once({acting.token, *key, request.method, request.path, keyed_hash(request, known->token)}, work)
             : work();
}

std::variant<std::string, http::Response> Guard::let_in(const http::Request& request, const RouteRight& route,
                                                        Authentication& authentication) {
  http::Response refusal;
  const auto known = identify(request, authentication, refusal);
  if (!known) return refusal;
  const auto& caller = known->caller;
  try {
    require_permission(caller, route.right, named_server(request));
  } catch (const Error& error) {
    leave_entry(acting_for(request, route, tokens_.now(), caller), error, is_audited(route));
    throw;
  }
  return caller.token != 0 ? fmt::format("k-{}", caller.token) : caller.label;
}

http::Response Guard::admit_boot_token(const http::Request& request, const RouteRight& route,
                                       const http::Handler& handler) {
  auto acting = acting_for(request, route, tokens_.now());
  acting.who = "boot token";
  acting.role = "boot-token";
  return charged(request, [&] { return audited(acting, [&] { return handler(request); }); });
}

http::Response Guard::admit_anybody(const http::Request& request, const http::Handler& handler) {
  const auto wait = allowances_->of_addresses.take(address_of(request));
  return wait ? too_many(*wait) : handler(request);
}

http::Response Guard::admit_server(const http::Request& request, const http::Handler& handler) {
  return charged(request, [&] { return handler(request); });
}

http::Response Guard::admit_customer(const http::Request& request, const RouteRight& route,
                                     const CustomerAction& action) {
  return admit_anybody(request, [&](const http::Request& limited) {
    return charged(limited, [&] {
      auto visitor = acting_for(limited, route, tokens_.now());
      visitor.peer = address_of(limited);
      return action(limited, visitor);
    });
  });
}

http::Response Guard::charged(const http::Request& request, const Work& work) {
  const auto address = address_of(request);
  if (const auto wait = allowances_->of_failures.take(address)) return too_many(*wait);
  auto response = work();
  if (response.status == 401) ++refusals_->unauthenticated;
  if (response.status < 400) allowances_->of_failures.give_back(address);
  return response;
}

std::optional<Guard::Identified> Guard::identify(const http::Request& request, Authentication& authentication,
                                                 http::Response& refusal) {
  auto token = authentication.proof_in(request);
  if (!token) {
    refusal = refuse_unauthenticated(request, authentication.without_proof());
    return std::nullopt;
  }
  auto caller = recognise(request, *token, authentication, refusal);
  if (!caller) return std::nullopt;
  if (auto elsewhere = refuse_elsewhere(request, *caller)) {
    refusal = *std::move(elsewhere);
    return std::nullopt;
  }
  return Identified{*std::move(caller), *std::move(token)};
}

std::optional<Caller> Guard::recognise(const http::Request& request, const Secret& token,
                                       Authentication& authentication, http::Response& refusal) {
  const auto hash = hash_of(token.reveal());
  const auto address = address_of(request);
  auto& allowances = *allowances_;
  if (!allowances.known_tokens.holds(hash) && allowances.of_failures.wait_of(address)) {
    // Guessed tokens do not cause a database query each; a valid one from the same address still has a chance.
    if (const auto wait = allowances.of_lookups.take(address)) {
      refusal = too_many(*wait);
      return std::nullopt;
    }
  }
  auto recognised = authentication.recognise(token, request.peer);
  if (recognised.caller) {
    allowances.known_tokens.add(hash);
    return std::move(recognised.caller);
  }
  allowances.known_tokens.remove(hash);
  refusal = refuse_unauthenticated(request, authentication.with_worthless_proof(recognised));
  return std::nullopt;
}

std::optional<http::Response> Guard::refuse_elsewhere(const http::Request& request, const Caller& caller) {
  if (caller.role != Role::agent || rules_.any_address || caller.address.empty()) return std::nullopt;
  const auto address = address_of(request);
  if (address == caller.address) return std::nullopt;
  ++refusals_->denied;
  if (const auto wait = allowances_->of_failures.take(address)) return too_many(*wait);
  log::warning("the token of the {} came from {}, and its server's address is {}: refused. If it was stolen: netbootctl"
               " server revoke-agent {}",
               caller.label, address, caller.address, caller.server ? caller.server->text() : "");
  ErrorReport report;
  report.code = ErrorCode::denied;
  report.message = fmt::format("the token of the {} is valid at its server's address only", caller.label);
  report.hint = "Add a reverse proxy between them to listen.trusted_proxies.";
  return http::problem(report);
}

http::Response Guard::refuse_unauthenticated(const http::Request& request, http::Response response) {
  ++refusals_->unauthenticated;
  if (const auto wait = allowances_->of_failures.take(address_of(request))) return too_many(*wait);
  return response;
}

http::Response Guard::too_many(Milliseconds wait) {
  ++refusals_->limited;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  ErrorReport report;
  report.code = ErrorCode::too_many_requests;
  report.message = "too many requests";
  report.hint = fmt::format("Retry in {} s.", seconds);
  auto response = http::problem(report);
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

std::optional<Milliseconds> Guard::wait_of(const Caller& caller) {
  if (caller.role != Role::agent) return allowances_->of_tokens.take(std::to_string(caller.token));
  return allowances_->of_agents.take(caller.session.empty() ? caller.label : caller.session);
}

/// Audits requests that changed nothing; changes are audited in their transaction (AuditRecord).
http::Response Guard::audited(const Acting& acting, const Work& work) {
  int recorded = 0;
  http::Response response;
  try {
    ActingScope scope(acting);
    response = work();
    recorded = scope.recorded();
  } catch (const Error& error) {
    leave_entry(acting, error, true);
    throw;
  } catch (...) {
    write_down(acting, AuditOutcome::failed, ErrorCode::internal);
    throw;
  }
  const bool done = response.status < 400;
  if (recorded == 0 && response.status != 401) {
    write_down(acting, done ? AuditOutcome::done : AuditOutcome::failed,
               done ? ErrorCode::internal : code_of(response));
  }
  return response;
}

http::Response Guard::once(const KeyedRequest& request, const Work& work) {
  const auto begun = keys_.begin(request);
  if (begun.state != KeyState::ours) return answer_of(begun);
  http::Response response;
  try {
    response = work();
  } catch (...) {
    settle(request, nullptr);
    throw;
  }
  settle(request, response.status >= 200 && response.status < 300 ? &response : nullptr);
  return response;
}

/// Does not throw: the change is made, and the caller gets its answer even if the key can't be updated.
void Guard::settle(const KeyedRequest& request, const http::Response* answer) {
  try {
    if (answer != nullptr) {
      keys_.keep(request, kept(*answer));
    } else {
      keys_.forget(request);
    }
  } catch (const Error& error) {
    log::error("the Idempotency-Key of {} {} was not updated: {}", request.method, request.path,
               report_of(error).one_line());
  }
}

void Guard::write_down(const Acting& acting, AuditOutcome outcome, ErrorCode code) {
  auto entry = entry_of(acting);
  entry.outcome = outcome;
  if (outcome != AuditOutcome::done) entry.error = name_of(code);
  try {
    audit_.append(entry);
  } catch (const Error& error) {
    log::error("{} {} by {} is not in the audit log: {}", acting.method, acting.route, acting.who,
               report_of(error).one_line());
  }
}

void Guard::leave_entry(const Acting& acting, const Error& error, bool is_change) {
  if (error.code() == ErrorCode::denied) {
    ++refusals_->denied;
    log::warning("{} {} from {}: {}", acting.method, acting.route, acting.peer, error.what());
    write_down(acting, AuditOutcome::denied, ErrorCode::denied);
  } else if (is_change) {
    write_down(acting, AuditOutcome::failed, error.code());
  }
}

}  // namespace rescue::netboot::api
