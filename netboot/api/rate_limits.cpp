// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/rate_limits.hpp"

#include <algorithm>
#include <cmath>

namespace rescue::netboot::api {
namespace {

constexpr std::size_t most_buckets = 50'000;

}  // namespace

double Buckets::filled(const Bucket& bucket, SteadyTime now) const {
  const std::chrono::duration<double> passed = now - bucket.since;
  return std::min(static_cast<double>(limit_.burst), bucket.left + passed.count() * limit_.rate);
}

std::optional<Milliseconds> Buckets::take(const std::string& key) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (limit_.rate == 0) return std::nullopt;
  if (buckets_.size() >= most_buckets && !buckets_.contains(key)) forget_full(now);
  auto& bucket = buckets_.try_emplace(key, Bucket{static_cast<double>(limit_.burst), now}).first->second;
  bucket.left = filled(bucket, now);
  bucket.since = now;
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return std::nullopt;
  }
  const std::chrono::duration<double> wait((1 - bucket.left) / limit_.rate);
  return std::chrono::ceil<Milliseconds>(wait);
}

/// A full bucket is as good as none. When all are in use, all begin anew: better too many requests than no memory.
void Buckets::forget_full(SteadyTime now) {
  std::erase_if(buckets_, [&](const auto& item) { return filled(item.second, now) >= limit_.burst; });
  if (buckets_.size() >= most_buckets) buckets_.clear();
}

std::size_t Buckets::size() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

void Buckets::set(RateLimit limit) {
  const std::lock_guard lock(mutex_);
  limit_ = limit;
}

void Allowances::set(const RequestLimits& limits) {
  of_tokens.set(limits.token);
  of_agents.set(limits.agent);
  of_addresses.set(limits.anonymous);
  of_failures.set(limits.failed);
}

}  // namespace rescue::netboot::api
