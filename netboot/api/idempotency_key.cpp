// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/idempotency_key.hpp"

#include "core/error.hpp"
#include "core/http/server.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace rescue::netboot::api {
namespace {

constexpr std::size_t longest_key = 255;

/// Removes quotation marks: the draft requires them, many clients omit them.
std::string unquoted(const std::string& value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

http::Response refusal(ErrorCode code, unsigned status, std::string message, std::string hint) {
  ErrorReport report;
  report.code = code;
  report.message = std::move(message);
  report.hint = std::move(hint);
  return http::problem(report, status);
}

}  // namespace

std::optional<std::string> idempotency_key_of(const http::Request& request, const RouteRight& route) {
  if (request.method != "POST" || !request.headers.contains("idempotency-key")) return std::nullopt;
  if (route.answer == Answer::secret) {
    throw Error(ErrorCode::usage, "this takes no Idempotency-Key: its answer holds a secret, which is not kept",
                "Send the request without it; if no answer comes, check its effect before you retry.");
  }
  auto key = unquoted(request.header("idempotency-key"));
  const auto fits = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  if (key.empty() || key.size() > longest_key || !std::all_of(key.begin(), key.end(), fits)) {
    throw Error(ErrorCode::usage, "the Idempotency-Key is malformed",
                fmt::format("1 to {} printable characters without spaces, such as a UUID.", longest_key));
  }
  return key;
}

std::string keyed_hash(const http::Request& request, const Secret& token) {
  crypto_generichash_state state{};
  const auto bytes = [](std::string_view text) {
    const void* const place = text.data();
    return static_cast<const unsigned char*>(place);
  };
  const auto key = token.reveal().substr(0, crypto_generichash_KEYBYTES_MAX);
  ::crypto_generichash_init(&state, bytes(key), key.size(), crypto_generichash_BYTES);
  // Adds the length too: "a" and "bc" are not "ab" and "c".
  const auto add = [&](std::string_view text) {
    const auto length = fmt::format("{}:", text.size());
    ::crypto_generichash_update(&state, bytes(length), length.size());
    ::crypto_generichash_update(&state, bytes(text), text.size());
  };
  std::map<std::string_view, std::string_view> query;  // sorted: the order in the request does not matter
  for (const auto& [name, value] : request.query) query.emplace(name, value);
  for (const auto& [name, value] : query) {
    add(name);
    add(value);
  }
  add(request.header("content-type"));
  add(request.header("if-match"));
  add(request.body);
  std::array<unsigned char, crypto_generichash_BYTES> digest{};
  ::crypto_generichash_final(&state, digest.data(), digest.size());
  std::array<char, crypto_generichash_BYTES * 2 + 1> hex{};
  ::sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

KeptAnswer kept(const http::Response& response) {
  return {response.status, response.content_type, response.headers, response.body};
}

http::Response answer_of(const BegunKey& begun) {
  switch (begun.state) {
  case KeyState::different:
    return refusal(ErrorCode::usage, 422, "the Idempotency-Key was used for another request",
                   "Use a new key for each request; a retry must be the same to the byte, including its query and "
                   "Content-Type.");
  case KeyState::ours:
  case KeyState::running:
    return refusal(ErrorCode::conflict, 409,
                   fmt::format("the request with this Idempotency-Key is running since {}", rfc3339(begun.began)),
                   "Retry in a moment. If this persists, netbootd was stopped during the request: check its effect, "
                   "then use another key.");
  case KeyState::done:
    return refusal(ErrorCode::conflict, 409,
                   fmt::format("the request with this Idempotency-Key is running since {}: it was carried out, but its "
                               "answer is not stored yet",
                               rfc3339(begun.began)),
                   "Retry in a moment. If this persists, netbootd was stopped before it stored the answer: check the "
                   "request's effect. With another key it would be carried out a second time.");
  case KeyState::answered:
    break;
  }
  http::Response response;
  response.status = begun.answer.status;
  response.content_type = begun.answer.content_type;
  response.headers = begun.answer.headers;
  response.body = begun.answer.body;
  response.headers.emplace_back("Idempotency-Replayed", "true");
  return response;
}

}  // namespace rescue::netboot::api
