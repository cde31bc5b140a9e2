// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is over is kept for a while, and then removed: a database does not grow with what anybody can ask for.

#include "netboot/store/store.hpp"

#include <stop_token>
#include <thread>

namespace rescue::netboot {

/// So long rows are kept after their end; 0: for ever.
struct RetentionLimits {
  Milliseconds tasks{90LL * 24 * 3'600'000};
  Milliseconds sessions{90LL * 24 * 3'600'000};
  Milliseconds leases{400LL * 24 * 3'600'000};
  Milliseconds boot_tokens{24LL * 3'600'000};
  Milliseconds every{3'600'000};  ///< how often that is looked for

  bool operator==(const RetentionLimits&) const = default;
};

struct Removed {
  std::size_t tasks = 0;
  std::size_t sessions = 0;
  std::size_t leases = 0;
  std::size_t boot_tokens = 0;
};

/// Removes what ended longer ago than `limits` says: at most a few hundred rows in one transaction, with pauses in
/// which others write. What is not over, and what a server boots next, stays, and so does a lease as long as a session
/// or a token of it. Idempotent; several netbootds may do it at the same time. Blocks until all is done or `stop` is
/// requested; throws `unavailable`.
Removed remove_old_rows(Store& store, const RetentionLimits& limits, const std::stop_token& stop = {});

/// Does so now and then, on a thread of its own.
class Retention {
public:
  /// `store` outlives this.
  Retention(Store& store, const RetentionLimits& limits);

private:
  void keep(const std::stop_token& stop);

  Store& store_;
  const RetentionLimits limits_;
  std::jthread thread_;
};

}  // namespace rescue::netboot
