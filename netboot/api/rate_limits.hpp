// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rate limits: token buckets in memory. Booting servers are never refused.

#include "core/clock.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace rescue::netboot::api {

struct RateLimit {
  unsigned rate = 0;   ///< requests a second; 0: no limit
  unsigned burst = 0;  ///< requests at once after a pause
};

struct RequestLimits {
  RateLimit token{100, 500};     ///< for each API token
  RateLimit agent{10, 50};       ///< for each host agent
  RateLimit anonymous{20, 100};  ///< for each address: requests without a token, where none is needed
  RateLimit failed{1, 20};       ///< for each address: refused requests of unknown callers
  RateLimit boot{1, 20};         ///< for each server without a registered address: boot scripts that may count
};

/// A bucket for each key. Thread-safe; forgets idle keys, so that its memory is bounded.
class Buckets {
public:
  /// `clock` outlives this.
  Buckets(RateLimit limit, const Clock& clock) : limit_(limit), clock_(clock) {}

  /// Takes one. None: allowed. Else the time until the next one is allowed.
  [[nodiscard]] std::optional<Milliseconds> take(const std::string& key);
  /// Returns the same as `take`, but takes nothing.
  [[nodiscard]] std::optional<Milliseconds> wait_of(const std::string& key) const;
  /// Returns one that should not have counted.
  void give_back(const std::string& key);
  [[nodiscard]] std::size_t size() const;
  /// Sets the limit; the buckets keep their contents as far as they fit.
  void set(RateLimit limit);

private:
  struct Bucket {
    double left = 0;
    SteadyTime since{};
  };
  void forget_full(SteadyTime now);
  [[nodiscard]] double filled(const Bucket& bucket, SteadyTime now) const;
  [[nodiscard]] Milliseconds wait_for(double left) const;

  RateLimit limit_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

/// Hashes of tokens that were valid at their last lookup. Thread-safe; forgets all when it is full.
class KnownTokens {
public:
  [[nodiscard]] bool holds(const std::string& hash) const;
  void add(const std::string& hash);
  void remove(const std::string& hash);

private:
  mutable std::mutex mutex_;
  std::unordered_set<std::string> hashes_;
};

/// The buckets of all limits, shared by all routers. Thread-safe.
struct Allowances {
  /// `clock` outlives this.
  Allowances(const RequestLimits& limits, const Clock& clock)
      : of_tokens(limits.token, clock), of_agents(limits.agent, clock), of_addresses(limits.anonymous, clock),
        of_failures(limits.failed, clock), of_boots(limits.boot, clock), of_lookups({10, 50}, clock),
        of_health({20, 100}, clock), of_warnings({1, 5}, clock) {}
  void set(const RequestLimits& limits);

  Buckets of_tokens;
  Buckets of_agents;
  Buckets of_addresses;
  Buckets of_failures;
  Buckets of_boots;     ///< by server
  Buckets of_lookups;   ///< by address, when its failures are used up: its token may be a valid one
  Buckets of_health;    ///< of the database, which need no token
  Buckets of_warnings;  ///< in the log, by subject
  KnownTokens known_tokens;
};

}  // namespace rescue::netboot::api
