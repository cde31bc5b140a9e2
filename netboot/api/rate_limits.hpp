// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How often one may ask: token buckets in memory. Servers that boot are never limited.

#include "core/clock.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace rescue::netboot::api {

struct RateLimit {
  unsigned rate = 0;   ///< requests a second; 0: no limit
  unsigned burst = 0;  ///< so many at once after a pause
};

struct RequestLimits {
  RateLimit token{100, 500};     ///< of each API token
  RateLimit agent{10, 50};       ///< of each host agent
  RateLimit anonymous{20, 100};  ///< of each address, without a token, where none is needed
  RateLimit failed{1, 20};       ///< of each address: what was refused of requests that nobody is known to have sent
  RateLimit boot{1, 20};         ///< of each server without a registered address: boot scripts that may count
};

/// A bucket for each key. Thread-safe; forgets keys that have been quiet, so that it can't be made to grow.
class Buckets {
public:
  /// `clock` outlives this.
  Buckets(RateLimit limit, const Clock& clock) : limit_(limit), clock_(clock) {}

  /// None: go on. Else so long until the next one is let through.
  [[nodiscard]] std::optional<Milliseconds> take(const std::string& key);
  /// What `take` would say.
  [[nodiscard]] std::optional<Milliseconds> wait_of(const std::string& key) const;
  /// One that was taken was not to be counted.
  void give_back(const std::string& key);
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
  [[nodiscard]] Milliseconds wait_for(double left) const;

  RateLimit limit_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

/// Tokens that were good when they were last looked at, by their hashes. Thread-safe; forgets all when it is full.
class KnownTokens {
public:
  [[nodiscard]] bool holds(const std::string& hash) const;
  void add(const std::string& hash);
  void remove(const std::string& hash);

private:
  mutable std::mutex mutex_;
  std::unordered_set<std::string> hashes_;
};

/// What each has used up, whatever router looks. Thread-safe.
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
  Buckets of_lookups;   ///< by address that has used up its failures: a good token that is new here may be among them
  Buckets of_health;    ///< looks at the database that anybody may ask for
  Buckets of_warnings;  ///< in the log, by what they are about
  KnownTokens known_tokens;
};

}  // namespace rescue::netboot::api
