// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Waits for other processes and the kernel, which send no event: polls until a deadline.

#include "core/back_off.hpp"

namespace rescue::tests {

/// Polls every 10 ms, by default for a minute. Returns false after that time.
template <class Condition>
[[nodiscard]] bool wait_until(Condition is_true, Milliseconds limit = Milliseconds(60'000)) {
  SystemClock clock;
  return poll_until(clock, limit, Milliseconds(10), is_true);
}

}  // namespace rescue::tests
