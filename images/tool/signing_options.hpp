// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Options that the commands which sign have in common, and the form of a command.

#include "images/minisign.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>

namespace rescue::tool {

/// Runs the chosen command after the command line was read: `json` as for --json. Returns the exit code.
using Action = std::function<int(bool json)>;

struct SigningOptions {
  std::string key_file;
  std::string password_file;

  void add_to(CLI::App& command) {
    command.add_option("--key", key_file, "Secret key of minisign")->type_name("FILE")->required();
    command
        .add_option("--key-password-file", password_file,
                    "File with the password of the key, mode 0600; the default is a key without one (minisign -G -W)")
        ->type_name("FILE");
  }
  /// Throws `denied` if others may read the file of the password, `io`.
  [[nodiscard]] images::SigningKey key() const;
};

}  // namespace rescue::tool
