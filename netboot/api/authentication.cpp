// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/authentication.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

constexpr auto invalid_token = R"(Bearer realm="netbootd", error="invalid_token")";

http::Response unauthenticated(const std::string& message, const char* challenge, ErrorCode code = ErrorCode::denied) {
  ErrorReport report;
  report.code = code;
  report.message = message;
  report.hint = "Send a valid token as 'Authorization: Bearer ...'.";
  auto response = http::problem(report, 401);
  response.headers.emplace_back("WWW-Authenticate", challenge);
  return response;
}

}  // namespace

std::string address_of(const http::Request& request) {
  constexpr std::string_view mapped = "::ffff:";
  const auto& peer = request.peer;
  const bool is_mapped = peer.starts_with(mapped) && peer.find('.') != std::string::npos;
  return is_mapped ? peer.substr(mapped.size()) : peer;
}

std::optional<std::string> bearer_token(const http::Request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto value = request.header("authorization");
  if (value.size() <= scheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = value[i] >= 'A' && value[i] <= 'Z' ? static_cast<char>(value[i] - 'A' + 'a') : value[i];
    if (c != scheme[i]) return std::nullopt;
  }
  return value.substr(scheme.size());
}

http::Response without_token() { return unauthenticated("this needs a token", R"(Bearer realm="netbootd")"); }

http::Response with_unknown_token() { return unauthenticated("the token is not known here", invalid_token); }

http::Response with_worthless_token(const Recognised& token) {
  switch (token.fault) {
  case TokenFault::expired:
    return unauthenticated(fmt::format("the token expired at {}", rfc3339(token.since)), invalid_token,
                           ErrorCode::token_expired);
  case TokenFault::revoked:
    return unauthenticated(fmt::format("the token was revoked at {}", rfc3339(token.since)), invalid_token,
                           ErrorCode::token_revoked);
  case TokenFault::unknown:
    break;
  }
  return with_unknown_token();
}

std::optional<Secret> BearerTokens::proof_in(const http::Request& request) const {
  auto text = bearer_token(request);
  if (!text) return std::nullopt;
  Secret token{std::string_view(*text)};
  wipe(*text);
  return token;
}

Recognised BearerTokens::recognise(const Secret& proof, const std::string& peer) {
  return tokens_.recognise(proof.reveal(), peer);
}

http::Response BearerTokens::without_proof() const { return without_token(); }

http::Response BearerTokens::with_worthless_proof(const Recognised& proof) const { return with_worthless_token(proof); }

std::string describe(const Caller& caller) {
  return caller.role == Role::agent ? caller.label : fmt::format("token {} ({})", caller.label, name_of(caller.role));
}

}  // namespace rescue::netboot::api
