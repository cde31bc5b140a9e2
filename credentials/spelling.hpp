// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Spells a password in words, for reading it out on the telephone and for typing it on a console without paste.

#include "core/secret.hpp"

namespace rescue::credentials {

/// The characters of `password` in groups of four, a line each, with the words of the spelling alphabet of ICAO and
/// NATO:
///
///     Bxk7  capital bravo, x-ray, kilo, seven
///     -t    dash, tango
///
/// Each line ends with a line feed. As secret as the password. Throws `usage` for a character that is not printable
/// ASCII, and std::bad_alloc.
[[nodiscard]] Secret spelled(const Secret& password);

}  // namespace rescue::credentials
