// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands for API tokens.

#include "core/clock.hpp"
#include "core/http/client.hpp"

#include <string>
#include <vector>

namespace rescue::netboot::cli {

struct NewTokenOrder {
  std::string name;
  std::string role;
  std::vector<std::string> servers, tags;
  bool identity = false;
  unsigned days = 0;       ///< 0: use `expires_at`
  std::string expires_at;  ///< empty: never
  std::string output;
};

/// Each command returns its output.
class TokenCommands {
public:
  TokenCommands(http::Client& client, bool as_json, const Clock& clock)
      : client_(client), json_(as_json), clock_(clock) {}

  /// Creates a token and writes it only to a file of mode 0600.
  [[nodiscard]] std::string create(const NewTokenOrder& order);
  [[nodiscard]] std::string list();
  /// Revokes by number, or by the name of a token that is not revoked.
  [[nodiscard]] std::string revoke(const std::string& token);

private:
  [[nodiscard]] std::string id_of(const std::string& token);

  http::Client& client_;
  bool json_;
  const Clock& clock_;
};

}  // namespace rescue::netboot::cli
