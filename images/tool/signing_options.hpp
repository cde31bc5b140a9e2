// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Options that the commands which sign have in common.

#include "images/minisign.hpp"
#include "images/tool/command.hpp"

#include <optional>
#include <string>

namespace rescue::tool {

/// Key of minisign. If it has a password: that of the file, or asks for it on the terminal if `password_file` is empty.
/// Throws `denied` if others may read either file, `precondition` if it is no key or there is no terminal, `io`.
[[nodiscard]] images::SigningKey signing_key(const std::string& key_file, const std::string& password_file);

struct SigningOptions {
  std::string key_file;
  std::string password_file;

  void add_to(CLI::App& command, bool required = true) {
    auto* const key = add_file(command, "--key", key_file, "Sign the manifest with this secret key of minisign");
    if (required) key->required();
    add_file(command, "--key-password-file", password_file,
             "File with the password of the key, mode 0600; the default is to ask, if it has one")
        ->needs(key);
  }
  /// None without --key. Throws as `signing_key`.
  [[nodiscard]] std::optional<images::SigningKey> key() const {
    if (key_file.empty()) return std::nullopt;
    return signing_key(key_file, password_file);
  }
};

}  // namespace rescue::tool
