// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Authentication: the caller's proof in a request, and the answers to a missing or invalid one.

#include "core/http/server.hpp"
#include "core/secret.hpp"
#include "netboot/service/tokens.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// The address that a request comes from. Writes ::ffff:203.0.113.7 of a dual-stack socket as IPv4.
[[nodiscard]] std::string address_of(const http::Request& request);

/// The token behind "Bearer ", the scheme in any case (RFC 6750); none without one.
[[nodiscard]] std::optional<std::string> bearer_token(const http::Request& request);

/// Authenticates the callers of an API. Thread-safe.
class Authentication {
public:
  Authentication() = default;
  virtual ~Authentication() = default;
  Authentication(const Authentication&) = delete;
  Authentication& operator=(const Authentication&) = delete;

  /// Returns the caller's proof in the request; none if there is none.
  [[nodiscard]] virtual std::optional<Secret> proof_in(const http::Request& request) const = 0;
  /// Finds the caller with this proof and records its use from `peer`. Blocks for the database; throws `unavailable`.
  [[nodiscard]] virtual Recognised recognise(const Secret& proof, const std::string& peer) = 0;
  /// 401: the proof is missing or invalid.
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

/// 401: the token is missing, unknown, expired or revoked.
[[nodiscard]] http::Response without_token();
[[nodiscard]] http::Response with_unknown_token();
[[nodiscard]] http::Response with_worthless_token(const Recognised& token);

/// Describes the caller for people: "token ci (operator)", "agent of web-01".
[[nodiscard]] std::string describe(const Caller& caller);

}  // namespace rescue::netboot::api
