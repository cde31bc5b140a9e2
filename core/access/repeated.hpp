// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Repeats logins to a guest whose server was just changed.

#include "core/access/access.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"

#include <functional>
#include <stop_token>

namespace rescue::access {

/// Repeats a login every half second until `is_right`. Gives up after three answers of the server, since a change in a
/// guest may take a moment, or after 20 attempts without an answer, as of a server that starts again. Returns the last
/// result. Throws `cancelled`.
template <class Try, class IsRight>
[[nodiscard]] SshResult repeated_login(Clock& clock, const std::stop_token& stop, Try attempt, IsRight is_right) {
  constexpr Milliseconds pause{500};
  constexpr unsigned most_answers = 3;
  constexpr unsigned most_silent = 20;
  unsigned answers = 0;
  unsigned silent = 0;
  for (;;) {
    auto result = attempt();
    if (std::invoke(is_right, result)) return result;
    auto& count = result.readiness < Readiness::banner || result.host_key_fingerprint.empty() ? silent : answers;
    ++count;
    if (answers == most_answers || silent == most_silent) return result;
    if (!clock.sleep_for(pause, stop)) throw Error(ErrorCode::cancelled, "stopped on request");
  }
}

}  // namespace rescue::access
