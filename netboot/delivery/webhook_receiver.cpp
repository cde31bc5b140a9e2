// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery/webhook_receiver.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/http/client.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <array>
#include <cstring>

namespace rescue::netboot {
namespace {

using Outcome = DeliveryAttempt::Outcome;
using nlohmann::json;

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

/// How to connect; null for notices, and for data that a host reported malformed.
json connection_of(const DeliveryFacts& facts) {
  try {
    return credentials::connection_json(facts.connection);
  } catch (const Error& error) {
    if (!facts.connection.addresses.empty()) {
      log::warning("the webhook about {} has no connection data: {}", facts.connection.server, error.what());
    }
    return {};
  }
}

/// The body. The caller wipes it: it may hold the link and its code.
std::string webhook_body(const DeliveryRecord& record, const DeliveryFacts& facts) {
  const bool is_access = record.kind == DeliveryKind::access;
  json body{{"delivery", fmt::format("d-{}", record.id)},
            {"kind", name_of(record.kind)},
            {"server", record.server.text()},
            {"session", text_or_null(record.session)},
            {"language", text_or_null(record.language)},
            {"created_at", rfc3339(record.created)},
            {"ends_at", facts.ends ? json(rfc3339(*facts.ends)) : json()}};
  if (is_access) {
    body["connection"] = connection_of(facts);
    body["code_policy"] = name_of(facts.code_policy);
    body["link_expires_at"] = rfc3339(facts.link_expires);
    if (!facts.link.empty()) body["link"] = std::string(facts.link.reveal());
    if (!facts.code.empty()) body["code"] = std::string(facts.code.reveal());
  }
  auto text = body.dump(-1, ' ', false, json::error_handler_t::replace);
  for (const auto* const key : {"link", "code"}) {
    if (body.contains(key)) wipe(body[key].get_ref<std::string&>());
  }
  return text;
}

const unsigned char* bytes_in(std::string_view text) {
  const void* const data = text.data();
  return static_cast<const unsigned char*>(data);
}

}  // namespace

std::string webhook_signature(const Secret& key, const std::string& timestamp, const std::string& body) {
  crypto_auth_hmacsha256_state state;
  ::crypto_auth_hmacsha256_init(&state, bytes_in(key.reveal()), key.size());
  for (const std::string_view part : {std::string_view(timestamp), std::string_view("."), std::string_view(body)}) {
    ::crypto_auth_hmacsha256_update(&state, bytes_in(part), part.size());
  }
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  ::crypto_auth_hmacsha256_final(&state, mac.data());
  ::sodium_memzero(&state, sizeof state);
  std::string hex(2 * mac.size() + 1, '\0');
  ::sodium_bin2hex(hex.data(), hex.size(), mac.data(), mac.size());
  hex.pop_back();
  return hex;
}

DeliveryAttempt WebhookReceiver::deliver(const DeliveryRecord& record, const DeliveryFacts& facts,
                                         const std::stop_token& stop) {
  const auto key = read_secret_file(settings_.secret_file);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
  const auto timestamp = std::to_string(seconds);
  auto body = webhook_body(record, facts);
  const auto signature = "sha256=" + webhook_signature(key, timestamp, body);
  http::ClientOptions options;
  options.base_url = settings_.url;
  options.ca_file = settings_.ca_file;
  options.time_limit = settings_.time_limit;
  options.largest_answer = 64U << 10U;
  const http::HeaderViews headers{{"X-Rescue-Timestamp", timestamp}, {"X-Rescue-Signature", signature}};
  http::Response response;
  try {
    response = http::Client(options).request("POST", "", body, headers, stop);
  } catch (...) {
    wipe(body);
    throw;
  }
  wipe(body);
  constexpr unsigned gone = 410;
  const auto text = fmt::format("HTTP status {}", response.status);
  if (response.status >= 200 && response.status < 300) return {Outcome::done, text};
  return {response.status == gone ? Outcome::refused : Outcome::retry, text};
}

}  // namespace rescue::netboot
