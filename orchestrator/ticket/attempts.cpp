// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/ticket/attempts.hpp"

#include <algorithm>

namespace rescue::ticket {
namespace {

constexpr std::size_t subscriber_bytes = 8;

}  // namespace

net::IpAddress network_of(const net::IpAddress& address) {
  const auto plain = address.unmapped();
  if (plain.is_v4()) return plain;
  std::array<std::uint8_t, net::IpAddress::v6_size> bytes{};
  std::copy_n(plain.bytes().begin(), subscriber_bytes, bytes.begin());
  return net::IpAddress::of_bytes(bytes).value_or(plain);
}

net::IpAddress Attempts::key_of(const net::IpAddress& address) const {
  const auto key = network_of(address);
  // Unspecified: the entry that all others share.
  return entries_.contains(key) || entries_.size() < rules_.most_addresses ? key : net::IpAddress();
}

Milliseconds Attempts::pause_of(const net::IpAddress& address, SteadyTime now) const {
  auto until = blocked_until_;
  if (const auto found = entries_.find(key_of(address)); found != entries_.end()) {
    until = std::max(until, found->second.blocked_until);
  }
  return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(until - now));
}

void Attempts::add_wrong(const net::IpAddress& address, SteadyTime now) {
  auto& entry = entries_[key_of(address)];
  ++wrong_;
  ++entry.wrong;
  if (wrong_ >= rules_.free_overall) blocked_until_ = now + rules_.overall_pause;
  if (entry.wrong < rules_.free_per_address) return;
  auto pause = rules_.first_pause;
  for (auto over = entry.wrong - rules_.free_per_address; over > 0 && pause < rules_.longest_pause; --over) pause *= 2;
  entry.blocked_until = now + std::min(pause, rules_.longest_pause);
}

}  // namespace rescue::ticket
