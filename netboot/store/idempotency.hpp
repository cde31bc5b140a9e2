// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers that are kept for a day, so that a request that is sent again is carried out once
// (draft-ietf-httpapi-idempotency-key-header).

#include "netboot/store/store.hpp"

#include <string>
#include <utility>
#include <vector>

namespace soci {
class session;
}

namespace rescue::netboot {

/// A request that names a key. The key belongs to the token: two tokens may use the same.
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
  answered,  ///< the same request was answered: with this
  running,   ///< the same request is being carried out, or was when netbootd died; it has changed nothing yet
  done,      ///< the same request has made its change, and its answer is not kept, or not yet
  different  ///< the key was used for another request
};

struct BegunKey {
  KeyState state = KeyState::ours;
  KeptAnswer answer{};
  WallTime began{};
};

/// Thread-safe, and safe against other replicas; every call blocks for the database and throws `unavailable` when that
/// fails.
class IdempotencyKeys {
public:
  /// `store` outlives this.
  explicit IdempotencyKeys(Store& store) : store_(store) {}

  /// One of several that begin at once gets `ours`. Forgets what is older than a day.
  [[nodiscard]] BegunKey begin(const KeyedRequest& request);
  void keep(const KeyedRequest& request, const KeptAnswer& answer);
  /// It may be tried again, unless it has made its change: then its key stays.
  void forget(const KeyedRequest& request);

private:
  Store& store_;
};

namespace rows {

/// In the transaction of the request's change. Nothing where `key` is empty.
void mark_carried_out(soci::session& session, const std::string& token, const std::string& key);

}  // namespace rows
}  // namespace rescue::netboot
