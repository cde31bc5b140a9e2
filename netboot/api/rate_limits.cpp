// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/rate_limits.hpp"

#include <algorithm>
#include <cmath>

namespace rescue::netboot::api {
namespace {

constexpr std::size_t most_buckets = 50'000;
constexpr std::size_t most_known_tokens = 50'000;

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
  return wait_for(bucket.left);
}

Milliseconds Buckets::wait_for(double left) const {
  const std::chrono::duration<double> wait((1 - left) / limit_.rate);
  return std::chrono::ceil<Milliseconds>(wait);
}

std::optional<Milliseconds> Buckets::wait_of(const std::string& key) const {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(key);
  if (limit_.rate == 0 || found == buckets_.end()) return std::nullopt;
  const auto left = filled(found->second, now);
  return left >= 1 ? std::nullopt : std::optional(wait_for(left));
}

void Buckets::give_back(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = buckets_.find(key); found != buckets_.end()) found->second.left += 1;
}

/// Removes full buckets, which equal missing ones. If all are in use, removes all: memory matters more than limits.
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

bool KnownTokens::holds(const std::string& hash) const {
  const std::lock_guard lock(mutex_);
  return hashes_.contains(hash);
}

void KnownTokens::add(const std::string& hash) {
  const std::lock_guard lock(mutex_);
  if (hashes_.size() >= most_known_tokens) hashes_.clear();
  hashes_.insert(hash);
}

void KnownTokens::remove(const std::string& hash) {
  const std::lock_guard lock(mutex_);
  hashes_.erase(hash);
}

void Allowances::set(const RequestLimits& limits) {
  of_tokens.set(limits.token);
  of_agents.set(limits.agent);
  of_addresses.set(limits.anonymous);
  of_failures.set(limits.failed);
  of_boots.set(limits.boot);
}

}  // namespace rescue::netboot::api
