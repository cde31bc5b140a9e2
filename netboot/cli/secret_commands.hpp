// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands for one-time links of secrets.

#include "core/clock.hpp"
#include "core/http/client.hpp"

#include <cstdio>
#include <string>

namespace rescue::netboot::cli {

struct SecretOrder {
  /// "-": asked for on a terminal, else the first line of standard input, whose second line is the code, if it has one
  std::string link = "-";
  std::string code;    ///< empty: from standard input or the terminal, if the secret has one
  std::string output;  ///< new file, mode 0600; empty: standard output
  bool show = false;   ///< also on a terminal
};

/// Opens a one-time link as a browser does: looks at it, proves the code, has the sealed secret handed out, and opens
/// it here. Prints it to `out`, or writes it to a new file whose room is reserved before. Everything that can be wrong
/// here is found before it is handed out, but a full file system below `out`. Returns what is left to print. Throws
/// `usage`, `conflict` for a file that exists, `io` if it could not be written, and what the API answers. Not
/// idempotent.
[[nodiscard]] std::string open_secret(const SecretOrder& order, http::ClientOptions connection, bool as_json,
                                      std::FILE* out, const Clock& clock);

/// Each command returns its output.
class SecretCommands {
public:
  SecretCommands(http::Client& client, bool as_json) : client_(client), json_(as_json) {}

  [[nodiscard]] std::string list(const std::string& server);
  [[nodiscard]] std::string show(const std::string& id);
  [[nodiscard]] std::string revoke(const std::string& id);

private:
  http::Client& client_;
  bool json_;
};

}  // namespace rescue::netboot::cli
