// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a request says who calls, and how it is told that this is not enough.

#include "core/http/server.hpp"
#include "core/secret.hpp"
#include "netboot/service/tokens.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// The address that a request comes from, IPv4 in its own words: a socket for both families tells ::ffff:203.0.113.7.
[[nodiscard]] std::string address_of(const http::Request& request);

/// The token behind "Bearer ", the scheme in any case (RFC 6750); none without one.
[[nodiscard]] std::optional<std::string> bearer_token(const http::Request& request);

/// How callers of an API prove who they are. Thread-safe.
class Authentication {
public:
  Authentication() = default;
  virtual ~Authentication() = default;
  Authentication(const Authentication&) = delete;
  Authentication& operator=(const Authentication&) = delete;

  /// What the request proves its caller with; none when it proves nothing.
  [[nodiscard]] virtual std::optional<Secret> proof_in(const http::Request& request) const = 0;
  /// Whose proof it is; its use from `peer` is noted. Blocks for the database; throws `unavailable`.
  [[nodiscard]] virtual Recognised recognise(const Secret& proof, const std::string& peer) = 0;
  /// 401: nothing was proven, or by something that is worth nothing.
  [[nodiscard]] virtual http::Response without_proof() const = 0;
  [[nodiscard]] virtual http::Response with_worthless_proof(const Recognised& proof) const = 0;
};

/// API tokens and those of host agents, behind "Bearer ".
class BearerTokens final : public Authentication {
public:
  explicit BearerTokens(Tokens tokens) : tokens_(tokens) {}
  [[nodiscard]] std::optional<Secret> proof_in(const http::Request& request) const override;
  [[nodiscard]] Recognised recognise(const Secret& proof, const std::string& peer) override;
  [[nodiscard]] http::Response without_proof() const override;
  [[nodiscard]] http::Response with_worthless_proof(const Recognised& proof) const override;

private:
  Tokens tokens_;
};

/// 401: no token, one that is not known here, one that was worth something once.
[[nodiscard]] http::Response without_token();
[[nodiscard]] http::Response with_unknown_token();
[[nodiscard]] http::Response with_worthless_token(const Recognised& token);

/// For people: "token ci (operator)", "agent of web-01".
[[nodiscard]] std::string describe(const Caller& caller);

}  // namespace rescue::netboot::api
