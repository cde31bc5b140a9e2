// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The key that passwords of BMCs are sealed with at rest: a copy of the database alone is worth nothing.

#include "core/secret.hpp"

#include <string>

namespace rescue::netboot {

class KeyFile {
public:
  /// Nothing is read before it is needed.
  explicit KeyFile(std::string path) : path_(std::move(path)) {}

  /// libsodium's secretbox, in base64. Makes the key file, with mode 0600, when there is none yet.
  [[nodiscard]] std::string seal(const Secret& message) const;
  /// Throws `precondition` when the key is not the one it was sealed with, and what `read_secret_file` throws.
  [[nodiscard]] Secret open(const std::string& sealed) const;

private:
  [[nodiscard]] Secret key() const;
  void make_key() const;

  std::string path_;
};

}  // namespace rescue::netboot
