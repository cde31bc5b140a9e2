// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The key that encrypts passwords of BMCs and secrets of one-time links at rest: a copy of the database alone does not
// reveal them.

#include "core/secret.hpp"

#include <string>

namespace rescue::netboot {

class KeyFile {
public:
  /// Names the sealed things in errors.
  struct Wording {
    std::string thing;   ///< "the BMC's password"
    std::string remedy;  ///< without a key that opens it: "set the password of the BMC again"
  };

  /// Reads nothing until it is needed.
  explicit KeyFile(std::string path, Wording wording = {"the BMC's password", "set the password of the BMC again"})
      : path_(std::move(path)), wording_(std::move(wording)) {}

  /// Encrypts with libsodium's secretbox, as base64. Creates the key file, with mode 0600, if there is none.
  [[nodiscard]] std::string seal(const Secret& message) const;
  /// Throws `precondition` if the key is not the one used to seal, and what `read_secret_file` throws.
  [[nodiscard]] Secret open(const std::string& sealed) const;

private:
  [[nodiscard]] Secret key() const;
  void make_key() const;

  std::string path_;
  Wording wording_;
};

}  // namespace rescue::netboot
