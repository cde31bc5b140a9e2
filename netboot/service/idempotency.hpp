// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers that are kept for a day, so that a request that is sent again is carried out once
// (draft-ietf-httpapi-idempotency-key-header).

#include "netboot/store/idempotency_rows.hpp"
#include "netboot/store/store.hpp"

namespace rescue::netboot {

/// Thread-safe, and safe against other replicas; every call blocks for the database and throws `unavailable` when that
/// fails.
class IdempotencyKeys {
public:
  /// `store` outlives this.
  explicit IdempotencyKeys(Store& store) : store_(store) {}

  /// One of several that begin at once gets `ours`. Forgets what is older than a day.
  [[nodiscard]] BegunKey begin(const KeyedRequest& request);
  void keep(const KeyedRequest& request, const KeptAnswer& answer);
  /// It may be tried again, unless it has made its change: then its key stays.
  void forget(const KeyedRequest& request);

private:
  Store& store_;
};

}  // namespace rescue::netboot
