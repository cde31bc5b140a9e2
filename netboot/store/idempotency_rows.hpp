// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of Idempotency-Keys and the answers that are kept for them. Inside a transaction only.

#include "core/clock.hpp"
#include "netboot/store/sql_session.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rescue::netboot {

/// A request with a key. The key belongs to the token: two tokens may use the same.
struct KeyedRequest {
  std::string token;  ///< its number
  std::string key;
  std::string method;
  std::string path;
  std::string body_hash;
};

struct KeptAnswer {
  unsigned status = 0;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

enum class KeyState {
  ours,      ///< new: carry the request out, then `keep` or `forget`
  answered,  ///< the same request was answered: returns that answer
  running,   ///< the same request is running, or was when netbootd died; it has changed nothing yet
  done,      ///< the same request has made its change, and there is no answer, or not yet
  different  ///< the key was used for another request
};

struct BegunKey {
  KeyState state = KeyState::ours;
  KeptAnswer answer{};
  WallTime began{};
};

}  // namespace rescue::netboot

namespace rescue::netboot::rows {

[[nodiscard]] std::optional<BegunKey> find_key(soci::session& session, const KeyedRequest& request);
/// False: another netbootd was first; its row can be read from now on.
[[nodiscard]] bool insert_key(soci::session& session, const KeyedRequest& request, WallTime now);
void put_answer(soci::session& session, const KeyedRequest& request, const KeptAnswer& answer);
/// Forgets the key, unless its request was carried out.
void delete_key(soci::session& session, const KeyedRequest& request);
void delete_keys_before(soci::session& session, WallTime oldest);
/// Runs in the transaction of the request's change. Does nothing if `key` is empty.
void mark_carried_out(soci::session& session, const std::string& token, const std::string& key);

}  // namespace rescue::netboot::rows
