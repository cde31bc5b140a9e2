// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Looks at what a server says first, so that libssh only ever talks to something that speaks SSH.

#include "core/clock.hpp"

#include <string>

namespace rescue::ssh {

/// Waits for an identification string (RFC 4253 4.2: other lines may come before it) and leaves it unread. Returns what
/// is wrong, empty when it is there. Blocks until `deadline` at most.
[[nodiscard]] std::string await_banner(int fd, SteadyTime deadline);

}  // namespace rescue::ssh
