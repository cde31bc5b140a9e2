// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Settings that rescue-sftp gets from the program that starts it: descriptors, and JSON with the rest.

#include <cstddef>

namespace rescue::files {

/// 0: the client's socket. 1: nothing. 3: an open file with JSON: `host_key` (private, OpenSSH's form),
/// `authorized_keys` (lines), `volumes` (names). 4, 5, ...: a socket for the rescue-files of each volume, in their
/// order.
inline constexpr int settings_descriptor = 3;
inline constexpr int first_volume_descriptor = 4;
inline constexpr std::size_t most_volumes = 32;
inline constexpr std::size_t largest_settings = 1U << 20U;

}  // namespace rescue::files
