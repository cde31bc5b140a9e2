// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checks the first bytes of a server, so that libssh connects only to SSH servers.

#include "core/clock.hpp"

#include <string>

namespace rescue::ssh {

/// Waits for an identification string (RFC 4253 4.2: other lines may come before it) and leaves it unread. Returns the
/// problem, empty if the string is there. Blocks at most until `deadline`.
[[nodiscard]] std::string await_banner(int fd, SteadyTime deadline);

}  // namespace rescue::ssh
