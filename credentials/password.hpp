// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Generates the password of Administrator: random, easy to type by hand on a KVM console, accepted by Windows.

#include "core/secret.hpp"
#include "core/words.hpp"

namespace rescue::credentials {

/// How a password is built.
/// - `random`: any character of the classes that are on, at any place.
/// - `typeable`: one fixed form, for consoles whose keyboard layout is unknown: "BxkdHrtcNelp...3".
///
/// The form of `typeable`, 25 characters and 100.7 bits: six groups of a capital and three small letters, then a digit.
/// - Letters are the 17 whose keys are at the same place on the US, German and French layouts and that have no
///   look-alike: b c d e f g h j k n p r s t u v x. AZERTY moves a, q, w, z and m, QWERTZ moves y and z; i, l and o
///   look like 1, I and 0.
/// - The capital takes the place of a separator: dash, dot, comma and every other symbol are on different keys, and a
///   blank is lost where a password is copied. Shift is at the same place on all layouts.
/// - Windows complexity requires three of four classes, and layouts share the keys of two: the letters. The third one
/// is
///   a digit, because each layout has it on the same key; only the French one needs Shift for it. It is alone and last,
///   to be typed with care or on a numeric keypad. 0, 1, 5 and 8 are left out as look-alikes of O, I, S and B.
enum class PasswordForm { random, typeable };
constexpr auto words_of(PasswordForm) { return words<PasswordForm>("random", "typeable"); }
using rescue::name_of;

/// Windows complexity requires three of: upper case, lower case, digits, symbols. Every class that is on occurs.
/// `typeable` has its own length and classes and ignores the members below `form`.
struct PasswordPolicy {
  PasswordForm form = PasswordForm::random;
  unsigned length = 20;  ///< 12 to 64
  bool upper_case = true;
  bool lower_case = true;
  bool digits = true;
  bool symbols = false;  ///< off: their keys move between keyboard layouts, and a KVM console has no paste
};

/// Throws `config_invalid` if a `random` policy can't meet Windows complexity, or its length is out of range.
void check(const PasswordPolicy& policy);

/// Generates a password with libsodium's random source. `random`: from an alphabet without look-alikes (0 O o, 1 l I i,
/// 2 Z z, 5 S s, 8 B) and without the letters that QWERTZ swaps (y, z). Throws like `check`.
[[nodiscard]] Secret generate_password(const PasswordPolicy& policy);

}  // namespace rescue::credentials
