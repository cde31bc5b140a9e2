// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How often one may ask: token buckets in memory. Servers that boot are never limited.

#include "core/clock.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace rescue::netboot::api {

struct RateLimit {
  unsigned rate = 0;   ///< requests a second; 0: no limit
  unsigned burst = 0;  ///< so many at once after a pause
};

struct RequestLimits {
  RateLimit token{100, 500};     ///< of each API token
  RateLimit agent{10, 50};       ///< of each host agent
  RateLimit anonymous{20, 100};  ///< of each address, without a token, where none is needed
  RateLimit failed{1, 20};       ///< of each address, with a token that is worth nothing
};

/// A bucket for each key. Thread-safe; forgets keys that have been quiet, so that it can't be made to grow.
class Buckets {
public:
  /// `clock` outlives this.
  Buckets(RateLimit limit, const Clock& clock) : limit_(limit), clock_(clock) {}

  /// None: go on. Else so long until the next one is let through.
  [[nodiscard]] std::optional<Milliseconds> take(const std::string& key);
  [[nodiscard]] std::size_t size() const;
  /// From now on; what is in the buckets stays, as far as it fits.
  void set(RateLimit limit);

private:
  struct Bucket {
    double left = 0;
    SteadyTime since{};
  };
  void forget_full(SteadyTime now);
  [[nodiscard]] double filled(const Bucket& bucket, SteadyTime now) const;

  RateLimit limit_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

/// What each has used up, whatever router looks. Thread-safe.
struct Allowances {
  /// `clock` outlives this.
  Allowances(const RequestLimits& limits, const Clock& clock)
      : of_tokens(limits.token, clock), of_agents(limits.agent, clock), of_addresses(limits.anonymous, clock),
        of_failures(limits.failed, clock) {}
  void set(const RequestLimits& limits);

  Buckets of_tokens;
  Buckets of_agents;
  Buckets of_addresses;
  Buckets of_failures;
};

}  // namespace rescue::netboot::api
