// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/idempotency_rows.hpp"

#include "netboot/store/database.hpp"

#include <nlohmann/json.hpp>
#include <soci/soci.h>

namespace rescue::netboot::rows {
namespace {

// Status while there is no answer yet.
constexpr int at_work = 0;
constexpr int carried_out = 1;

KeyState state_of(int status) {
  return status == at_work ? KeyState::running : status == carried_out ? KeyState::done : KeyState::answered;
}

}  // namespace

std::optional<BegunKey> find_key(soci::session& session, const KeyedRequest& request) {
  std::string method;
  std::string path;
  std::string body_hash;
  std::string headers;
  long long created = 0;
  int status = 0;
  BegunKey begun;
  session << "SELECT method, path, body_hash, created_ms, status, content_type, headers, body FROM idempotency_keys"
             " WHERE token = :token AND idempotency_key = :key",
      soci::use(request.token), soci::use(request.key), soci::into(method), soci::into(path), soci::into(body_hash),
      soci::into(created), soci::into(status), soci::into(begun.answer.content_type), soci::into(headers),
      soci::into(begun.answer.body);
  if (!session.got_data()) return std::nullopt;
  begun.began = from_column(created);
  const bool same = method == request.method && path == request.path && body_hash == request.body_hash;
  begun.state = same ? state_of(status) : KeyState::different;
  begun.answer.status = static_cast<unsigned>(status);
  if (begun.state == KeyState::answered) {
    begun.answer.headers = nlohmann::json::parse(headers).get<std::vector<std::pair<std::string, std::string>>>();
  }
  return begun;
}

bool insert_key(soci::session& session, const KeyedRequest& request, WallTime now) {
  const auto created = to_column(now);
  long long written = 0;
  session << "INSERT INTO idempotency_keys (token, idempotency_key, method, path, body_hash, created_ms, status,"
             " content_type, headers, body) VALUES (:token, :key, :method, :path, :hash, :created, 0, '', '[]', '')"
             " ON CONFLICT DO NOTHING RETURNING created_ms",
      soci::use(request.token), soci::use(request.key), soci::use(request.method), soci::use(request.path),
      soci::use(request.body_hash), soci::use(created), soci::into(written);
  return session.got_data();
}

void put_answer(soci::session& session, const KeyedRequest& request, const KeptAnswer& answer) {
  const auto status = static_cast<int>(answer.status);
  const auto headers = nlohmann::json(answer.headers).dump();
  session << "UPDATE idempotency_keys SET status = :status, content_type = :type, headers = :headers, body = :body"
             " WHERE token = :token AND idempotency_key = :key",
      soci::use(status), soci::use(answer.content_type), soci::use(headers), soci::use(answer.body),
      soci::use(request.token), soci::use(request.key);
}

void delete_key(soci::session& session, const KeyedRequest& request) {
  session << "DELETE FROM idempotency_keys WHERE token = :token AND idempotency_key = :key AND status = :status",
      soci::use(request.token), soci::use(request.key), soci::use(at_work);
}

void delete_keys_before(soci::session& session, WallTime oldest) {
  const auto created = to_column(oldest);
  session << "DELETE FROM idempotency_keys WHERE created_ms < :oldest", soci::use(created);
}

void mark_carried_out(soci::session& session, const std::string& token, const std::string& key) {
  if (key.empty()) return;
  session << "UPDATE idempotency_keys SET status = :done"
             " WHERE token = :token AND idempotency_key = :key AND status = :status",
      soci::use(carried_out), soci::use(token), soci::use(key), soci::use(at_work);
}

}  // namespace rescue::netboot::rows
