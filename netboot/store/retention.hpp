// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Deletes old rows after a while, so that requests can't grow the database without limit.

#include "netboot/store/store.hpp"

#include <stop_token>
#include <thread>

namespace rescue::netboot {

/// Time for which rows are kept after their end; 0: forever.
struct RetentionLimits {
  Milliseconds tasks{90LL * 24 * 3'600'000};
  Milliseconds sessions{90LL * 24 * 3'600'000};
  Milliseconds leases{400LL * 24 * 3'600'000};
  Milliseconds boot_tokens{24LL * 3'600'000};
  Milliseconds secrets{90LL * 24 * 3'600'000};  ///< one-time links; their boxes are wiped at their end
  Milliseconds deliveries{90LL * 24 * 3'600'000};
  Milliseconds every{3'600'000};  ///< interval of deletions

  bool operator==(const RetentionLimits&) const = default;
};

struct Removed {
  std::size_t tasks = 0;
  std::size_t sessions = 0;
  std::size_t leases = 0;
  std::size_t boot_tokens = 0;
  std::size_t secrets = 0;
  std::size_t deliveries = 0;
  std::size_t consoles = 0;  ///< passes of sessions that were removed
  std::size_t boxes = 0;     ///< wiped from expired one-time links, which stay
};

/// Deletes rows that ended longer ago than `limits` allows: at most a few hundred in one transaction, with pauses for
/// other writers. Wipes the boxes of one-time links that have expired. Keeps current rows, a server's current boot
/// mode, and leases that still have a session or a token. Idempotent; several netbootds may run it at the same time.
/// Blocks until all is done or `stop` is requested; throws `unavailable`.
Removed remove_old_rows(Store& store, const RetentionLimits& limits, const std::stop_token& stop = {});

/// Calls `remove_old_rows` regularly, on a thread of its own.
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
