// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands for consoles in browsers.

#include "core/http/client.hpp"

#include <string>

namespace rescue::netboot::cli {

struct ConsoleOrder {
  std::string server;
  bool view = false;
  std::string ttl;  ///< empty: netbootd's default
  std::string id;   ///< for `close`
};

/// Each command returns its output.
class ConsoleCommands {
public:
  /// `base_url`: of netbootd, for the URL of a console.
  ConsoleCommands(http::Client& client, bool as_json, std::string base_url)
      : client_(client), json_(as_json), base_url_(std::move(base_url)) {}

  /// Returns the console's URL, which opens it once.
  [[nodiscard]] std::string open(const ConsoleOrder& order);
  [[nodiscard]] std::string list(const ConsoleOrder& order);
  [[nodiscard]] std::string close(const ConsoleOrder& order);

private:
  http::Client& client_;
  bool json_;
  std::string base_url_;
};

}  // namespace rescue::netboot::cli
