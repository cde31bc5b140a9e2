// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Generates the password of Administrator: random, easy to type by hand on a KVM console, accepted by Windows.

#include "core/secret.hpp"

namespace rescue::credentials {

/// Windows complexity requires three of: upper case, lower case, digits, symbols. Every class that is on occurs.
struct PasswordPolicy {
  unsigned length = 20;  ///< 12 to 64
  bool upper_case = true;
  bool lower_case = true;
  bool digits = true;
  bool symbols = false;  ///< off: their keys move between keyboard layouts, and a KVM console has no paste
};

/// Throws `config_invalid` if a policy can't meet Windows complexity, or its length is out of range.
void check(const PasswordPolicy& policy);

/// Generates a password with libsodium's random source, from an alphabet without look-alikes (0 O o, 1 l I i, 2 Z z,
/// 5 S s, 8 B) and without the letters that QWERTZ swaps (y, z). Throws like `check`.
[[nodiscard]] Secret generate_password(const PasswordPolicy& policy);

}  // namespace rescue::credentials
