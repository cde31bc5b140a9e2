// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot mode as a lease: what a server boots, for whom, until when, and how often. Pure functions; time is an argument.

#include "core/clock.hpp"
#include "core/words.hpp"
#include "netboot/domain/boot_mode.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

enum class LeasePolicy {
  until_finished,  ///< a reset during the session boots rescue again
  once             ///< ends with the first boot script that is served for it
};
enum class LeaseState {
  active,
  booted,   ///< booted, with policy `once`: the next boot is from the disk
  spent,    ///< all boots used up: something resets the server repeatedly
  unheard,  ///< booted, without a heartbeat for too long: the host did not start, or failed
  expired
};

/// Stable names, used in the API, in the database and in scripts.
constexpr auto words_of(LeasePolicy) { return words<LeasePolicy>("until-finished", "once"); }
constexpr auto words_of(LeaseState) { return words<LeaseState>("active", "booted", "spent", "unheard", "expired"); }
using rescue::name_of;

/// Throw `internal` for names that this version does not know.
[[nodiscard]] BootMode boot_mode_of(std::string_view name);
[[nodiscard]] LeasePolicy lease_policy_of(std::string_view name);

struct Lease {
  BootMode mode = BootMode::rescue_windows;
  LeasePolicy policy = LeasePolicy::until_finished;
  std::string requested_by;
  std::string reason;
  WallTime granted{};
  WallTime expires{};
  unsigned boots = 0;
  std::optional<WallTime> last_boot;
  std::optional<WallTime> last_heard{};  ///< when the host agent's last heartbeat came
  long long id = 0;                      ///< of the store
  bool has_agent = true;                 ///< heartbeats are expected; without an agent `dead_man` does not apply
};

struct LeaseLimits {
  unsigned boots = 3;
  Milliseconds repeat_window{30'000};  ///< another request for the script within it belongs to the boot already counted
  Milliseconds dead_man{900'000};      ///< a booted host that is silent for longer ends its lease; 0: never
};

[[nodiscard]] LeaseState state_of(const Lease& lease, const LeaseLimits& limits, WallTime now) noexcept;

/// True if the host of the lease's last boot may still start: that boot was counted less than `within` ago, and neither
/// time nor `dead_man` has ended the lease since. Includes the lease's last allowed boot.
[[nodiscard]] bool is_booting(const Lease& lease, const LeaseLimits& limits, Milliseconds within,
                              WallTime now) noexcept;

/// The boot mode for a request at `now`; the disk without a lease.
[[nodiscard]] BootMode mode_at(const std::optional<Lease>& lease, const LeaseLimits& limits, WallTime now) noexcept;

/// The lease after a rescue boot script was served at `now`. Precondition: `mode_at` allows that.
[[nodiscard]] Lease after_boot(Lease lease, const LeaseLimits& limits, WallTime now);

}  // namespace rescue::netboot
