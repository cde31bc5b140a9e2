// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Waits for other processes and the kernel, which announce nothing: looks again until a deadline.

#include "core/back_off.hpp"

namespace rescue::tests {

/// Looks every 10 ms, for a minute unless told otherwise. False when it did not come true.
template <class Condition>
[[nodiscard]] bool wait_until(Condition is_true, Milliseconds limit = Milliseconds(60'000)) {
  SystemClock clock;
  return poll_until(clock, limit, Milliseconds(10), is_true);
}

}  // namespace rescue::tests
