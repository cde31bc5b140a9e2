// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/lease.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

bool repeats_last_boot(const Lease& lease, const LeaseLimits& limits, WallTime now) noexcept {
  // After a clock was set back it counts as a new boot: the lease may end early, but never late.
  return lease.last_boot && now >= *lease.last_boot && now - *lease.last_boot < limits.repeat_window;
}

bool is_unheard(const Lease& lease, const LeaseLimits& limits, WallTime now) noexcept {
  if (!lease.has_agent || !lease.last_boot || limits.dead_man.count() == 0) return false;
  const auto last_word = lease.last_heard ? std::max(*lease.last_boot, *lease.last_heard) : *lease.last_boot;
  return now - last_word > limits.dead_man;
}

}  // namespace

BootMode boot_mode_of(std::string_view name) {
  if (const auto mode = BootMode::try_parse(name)) return *mode;
  throw Error(ErrorCode::internal, fmt::format("'{}' is not the name of a boot mode", name));
}

LeasePolicy lease_policy_of(std::string_view name) {
  if (const auto policy = parse_word<LeasePolicy>(name)) return *policy;
  throw Error(ErrorCode::internal, fmt::format("'{}' is not a lease policy of this version", name));
}

LeaseState state_of(const Lease& lease, const LeaseLimits& limits, WallTime now) noexcept {
  if (now >= lease.expires) return LeaseState::expired;
  if (lease.policy == LeasePolicy::once) return lease.boots == 0 ? LeaseState::active : LeaseState::booted;
  if (is_unheard(lease, limits, now)) return LeaseState::unheard;
  if (lease.boots < limits.boots || repeats_last_boot(lease, limits, now)) return LeaseState::active;
  return LeaseState::spent;
}

bool is_booting(const Lease& lease, const LeaseLimits& limits, Milliseconds within, WallTime now) noexcept {
  if (!lease.last_boot || now >= lease.expires || is_unheard(lease, limits, now)) return false;
  return now >= *lease.last_boot && now - *lease.last_boot <= within;
}

BootMode mode_at(const std::optional<Lease>& lease, const LeaseLimits& limits, WallTime now) noexcept {
  return lease && state_of(*lease, limits, now) == LeaseState::active ? lease->mode : BootMode::disk;
}

Lease after_boot(Lease lease, const LeaseLimits& limits, WallTime now) {
  if (repeats_last_boot(lease, limits, now)) return lease;
  ++lease.boots;
  lease.last_boot = now;
  return lease;
}

}  // namespace rescue::netboot
