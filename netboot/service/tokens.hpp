// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// API tokens: who may call, until when, and when they last did. Their text is shown once and kept nowhere.

#include "core/secret.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

struct NewToken {
  std::string name;
  Role role = Role::read_only;
  Scope scope{};
  std::optional<WallTime> expires{};
  std::string created_by{};
  bool identity = false;  ///< as `Caller` has it
};

enum class TokenFault { unknown, expired, revoked };

/// The verdict on a token that a caller has sent.
struct Recognised {
  std::optional<Caller> caller;
  TokenFault fault = TokenFault::unknown;  ///< when there is no caller
  WallTime since{};                        ///< of `expired` and `revoked`
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class Tokens {
public:
  struct Issued {
    TokenFacts facts;
    Secret token;
  };

  /// `store` outlives this.
  explicit Tokens(Store& store) : store_(store) {}

  [[nodiscard]] WallTime now() const { return store_.now(); }

  /// Throws `conflict` when a token that is not revoked has the name.
  [[nodiscard]] Issued issue(const NewToken& wanted);
  /// Instead of the one that was made by this: the first way in, and the way back in.
  [[nodiscard]] Issued issue_first_admin();
  /// Creates a token for a server's host agent, and revokes the one before. Throws `not_found`.
  [[nodiscard]] Secret issue_agent_token(const ServerName& server);
  /// By number, revoked ones too.
  [[nodiscard]] std::vector<TokenFacts> all();
  /// Throws `not_found`.
  [[nodiscard]] TokenFacts find(long long id);
  /// From now on it is worth nothing. Idempotent. Throws `not_found`.
  void revoke(long long id, const std::string& revoked_by);

  /// An API token, one that was made for a host agent, or that of a session that netbootd listens to. With `peer`,
  /// its use is noted, once a minute at most; that this can't be written refuses nobody.
  [[nodiscard]] Recognised recognise(std::string_view token, const std::string& peer = {});

private:
  void note_use(long long id, WallTime last, const std::string& peer);

  Store& store_;
};

}  // namespace rescue::netboot
