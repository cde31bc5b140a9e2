// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The key that encrypts passwords of BMCs at rest: a copy of the database alone does not reveal them.

#include "core/secret.hpp"

#include <string>

namespace rescue::netboot {

class KeyFile {
public:
  /// Reads nothing until it is needed.
  explicit KeyFile(std::string path) : path_(std::move(path)) {}

  /// Encrypts with libsodium's secretbox, as base64. Creates the key file, with mode 0600, if there is none.
  [[nodiscard]] std::string seal(const Secret& message) const;
  /// Throws `precondition` if the key is not the one used to seal, and what `read_secret_file` throws.
  [[nodiscard]] Secret open(const std::string& sealed) const;

private:
  [[nodiscard]] Secret key() const;
  void make_key() const;

  std::string path_;
};

}  // namespace rescue::netboot
