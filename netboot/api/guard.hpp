// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the gate does with one request: recognise the caller, limit, permit, carry out once, write down.

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

  /// With an API token or a host agent's, as `authentication` finds it.
  [[nodiscard]] http::Response admit(const http::Request& request, const RouteRight& route, const Action& action,
                                     Authentication& authentication);
  /// Before the body is taken, by the header alone: a name for the caller, or why nothing more is read. `admit` looks
  /// again, and limits, when all is there.
  [[nodiscard]] std::variant<std::string, http::Response> let_in(const http::Request& request, const RouteRight& route,
                                                                 Authentication& authentication);
  /// With a boot token, which the handler looks at before anything else. What fails is limited, before it is done.
  [[nodiscard]] http::Response admit_boot_token(const http::Request& request, const RouteRight& route,
                                                const http::Handler& handler);
  [[nodiscard]] http::Response admit_anybody(const http::Request& request, const http::Handler& handler);
  /// Without a token, where only what fails is limited, before it is done.
  [[nodiscard]] http::Response admit_server(const http::Request& request, const http::Handler& handler);

private:
  using Work = std::function<http::Response()>;

  /// 401, or 429 when the address has sent too many such requests.
  [[nodiscard]] http::Response refuse_unauthenticated(const http::Request& request, http::Response response);
  /// 429 before `work` when the address has failed too often. An answer below 400 costs nothing.
  [[nodiscard]] http::Response charged(const http::Request& request, const Work& work);
  struct Identified {
    Caller caller;
    Secret token;
  };
  /// The caller, by its proof and from where that may be used; none, and `refusal`, for nobody.
  [[nodiscard]] std::optional<Identified> identify(const http::Request& request, Authentication& authentication,
                                                   http::Response& refusal);
  [[nodiscard]] std::optional<Caller> recognise(const http::Request& request, const Secret& token,
                                                Authentication& authentication, http::Response& refusal);
  /// None: the agent speaks from its server's address.
  [[nodiscard]] std::optional<http::Response> refuse_elsewhere(const http::Request& request, const Caller& caller);
  [[nodiscard]] http::Response too_many(Milliseconds wait);
  [[nodiscard]] std::optional<Milliseconds> wait_of(const Caller& caller);
  [[nodiscard]] http::Response audited(const Acting& acting, const Work& work);
  [[nodiscard]] http::Response once(const KeyedRequest& request, const Work& work);
  /// Keeps the answer; none: the request may be sent again, if it has changed nothing.
  void settle(const KeyedRequest& request, const http::Response* answer);
  void write_down(const Acting& acting, AuditOutcome outcome, ErrorCode code);
  /// Of a request that was denied, and of a change that was not made.
  void leave_entry(const Acting& acting, const Error& error, bool is_change);

  const Tokens tokens_;
  AuditLog audit_;
  IdempotencyKeys keys_;
  std::shared_ptr<Allowances> allowances_;
  std::shared_ptr<Refusals> refusals_;
  const AgentRules rules_;
};

}  // namespace rescue::netboot::api
