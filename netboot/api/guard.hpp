// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Handles one request for the gate: authenticates, limits, authorizes, runs it once, audits.

#include "netboot/api/access.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/gate.hpp"
#include "netboot/api/rate_limits.hpp"
#include "netboot/domain/agent_session.hpp"
#include "netboot/service/audit_log.hpp"
#include "netboot/service/idempotency.hpp"
#include "netboot/service/tokens.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace rescue::netboot::api {

/// Thread-safe.
class Guard {
public:
  Guard(Store& store, std::shared_ptr<Allowances> allowances, std::shared_ptr<Refusals> refusals, AgentRules rules);

  /// Admits a request with an API token or a host agent's, as `authentication` finds it.
  [[nodiscard]] http::Response admit(const http::Request& request, const RouteRight& route, const Action& action,
                                     Authentication& authentication);
  /// Checks the header before the body is read: returns the caller's name, or the refusal. `admit` checks again, and
  /// applies limits, when the body is complete.
  [[nodiscard]] std::variant<std::string, http::Response> let_in(const http::Request& request, const RouteRight& route,
                                                                 Authentication& authentication);
  /// Admits a request with a boot token, which the handler checks first. Limits failures, before the handler runs.
  [[nodiscard]] http::Response admit_boot_token(const http::Request& request, const RouteRight& route,
                                                const http::Handler& handler);
  [[nodiscard]] http::Response admit_anybody(const http::Request& request, const http::Handler& handler);
  /// Admits a request without a token. Limits failures, before the handler runs.
  [[nodiscard]] http::Response admit_server(const http::Request& request, const http::Handler& handler);
  /// Admits a request of somebody with a one-time link. Limits requests and failures, before the action runs.
  [[nodiscard]] http::Response admit_customer(const http::Request& request, const RouteRight& route,
                                              const CustomerAction& action);

private:
  using Work = std::function<http::Response()>;

  /// 401, or 429 when the address has sent too many such requests.
  [[nodiscard]] http::Response refuse_unauthenticated(const http::Request& request, http::Response response);
  /// Returns 429 instead of running `work` if the address has failed too often. An answer below 400 does not count.
  [[nodiscard]] http::Response charged(const http::Request& request, const Work& work);
  struct Identified {
    Caller caller;
    Secret token;
  };
  /// The caller, by its proof and its address; none, with `refusal` set, if it is refused.
  [[nodiscard]] std::optional<Identified> identify(const http::Request& request, Authentication& authentication,
                                                   http::Response& refusal);
  [[nodiscard]] std::optional<Caller> recognise(const http::Request& request, const Secret& token,
                                                Authentication& authentication, http::Response& refusal);
  /// Refuses a host agent at another address than its server's. None: no refusal.
  [[nodiscard]] std::optional<http::Response> refuse_elsewhere(const http::Request& request, const Caller& caller);
  [[nodiscard]] http::Response too_many(Milliseconds wait);
  [[nodiscard]] std::optional<Milliseconds> wait_of(const Caller& caller);
  [[nodiscard]] http::Response audited(const Acting& acting, const Work& work);
  [[nodiscard]] http::Response once(const KeyedRequest& request, const Work& work);
  /// Keeps the answer. Null: the request may be sent again if it has changed nothing.
  void settle(const KeyedRequest& request, const http::Response* answer);
  void write_down(const Acting& acting, AuditOutcome outcome, ErrorCode code);
  /// Audits a denied request or a failed change.
  void leave_entry(const Acting& acting, const Error& error, bool is_change);

  const Tokens tokens_;
  AuditLog audit_;
  IdempotencyKeys keys_;
  std::shared_ptr<Allowances> allowances_;
  std::shared_ptr<Refusals> refusals_;
  const AgentRules rules_;
};

}  // namespace rescue::netboot::api
