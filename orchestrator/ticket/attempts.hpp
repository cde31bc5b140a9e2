// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Limits wrong tickets: a pause that doubles for each address, a slower pace for all, and an end.

#include "core/clock.hpp"
#include "core/net/ip_address.hpp"

#include <map>

namespace rescue::ticket {

struct AttemptRules {
  unsigned free_per_address = 5;     ///< wrong tickets of an address before its pauses begin
  Milliseconds first_pause{10'000};  ///< doubles with each further wrong ticket
  Milliseconds longest_pause{600'000};
  unsigned free_overall = 20;         ///< wrong tickets of all addresses before all are slowed down
  Milliseconds overall_pause{1'000};  ///< after each wrong ticket from then on
  unsigned most_overall = 100;        ///< with this wrong ticket the ticket ends
  std::size_t most_addresses = 1024;  ///< that are remembered; more of them share one entry
};

/// Network of one subscriber: an IPv4 address, or the /64 of an IPv6 address.
[[nodiscard]] net::IpAddress network_of(const net::IpAddress& address);

/// Not thread-safe.
class Attempts {
public:
  explicit Attempts(AttemptRules rules = {}) : rules_(rules) {}

  /// Time until the address may try again; zero: now.
  [[nodiscard]] Milliseconds pause_of(const net::IpAddress& address, SteadyTime now) const;
  /// Counts a wrong ticket.
  void add_wrong(const net::IpAddress& address, SteadyTime now);
  [[nodiscard]] unsigned wrong() const noexcept { return wrong_; }
  /// Too many wrong tickets in total: the ticket must end.
  [[nodiscard]] bool is_exhausted() const noexcept { return wrong_ >= rules_.most_overall; }

private:
  struct Entry {
    unsigned wrong = 0;
    SteadyTime blocked_until;
  };
  /// An IPv6 address counts with its /64, which one subscriber has.
  [[nodiscard]] net::IpAddress key_of(const net::IpAddress& address) const;

  AttemptRules rules_;
  unsigned wrong_ = 0;
  SteadyTime blocked_until_;
  std::map<net::IpAddress, Entry> entries_;
};

}  // namespace rescue::ticket
