// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The password of Administrator: random, typed by hand on a KVM console at three in the morning, accepted by Windows.

#include "core/secret.hpp"

namespace rescue::credentials {

/// Windows complexity asks for three of: upper case, lower case, digits, symbols. All classes that are on occur.
struct PasswordPolicy {
  unsigned length = 20;  ///< 12 to 64
  bool upper_case = true;
  bool lower_case = true;
  bool digits = true;
  bool symbols = false;  ///< off: their keys move between keyboard layouts, and a KVM console has no paste
};

/// Throws `config_invalid` when a policy can't meet Windows complexity, or its length is out of range.
void check(const PasswordPolicy& policy);

/// A password by libsodium's random source, over an alphabet without look-alikes (0 O o, 1 l I i, 2 Z z, 5 S s, 8 B)
/// and without the letters that QWERTZ swaps (y, z). Throws as `check`.
[[nodiscard]] Secret generate_password(const PasswordPolicy& policy);

}  // namespace rescue::credentials
