// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot mode as a lease: what a server boots, for whom, until when, and how often. Pure rules; the clock is an argument.

#include "core/clock.hpp"
#include "core/words.hpp"
#include "netboot/domain/boot_mode.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

enum class LeasePolicy {
  until_finished,  ///< a reset inside the session enters rescue again
  once             ///< the first boot script that is served for it uses it up
};
enum class LeaseState {
  active,
  booted,   ///< policy `once`, and it has been: the next boot is the disk's
  spent,    ///< booted as often as a lease may: something resets the server over and over
  unheard,  ///< booted, and the host was not heard of for too long: it does not come up, or died
  expired
};

/// Stable names, used in the API, in the database and in scripts.
constexpr auto words_of(LeasePolicy) { return words<LeasePolicy>("until-finished", "once"); }
constexpr auto words_of(LeaseState) { return words<LeaseState>("active", "booted", "spent", "unheard", "expired"); }
using rescue::name_of;

/// Throw `internal` for what no netbootd has written.
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
  std::optional<WallTime> last_heard{};  ///< when the host agent last spoke
  long long id = 0;                      ///< of the store
  bool has_agent = true;                 ///< a host agent is to be heard of; without one the dead man has no say
};

struct LeaseLimits {
  unsigned boots = 3;
  Milliseconds repeat_window{30'000};  ///< a script asked for again within it belongs to the boot already counted
  Milliseconds dead_man{900'000};      ///< a booted host that is silent for longer ends its lease; 0: never
};

[[nodiscard]] LeaseState state_of(const Lease& lease, const LeaseLimits& limits, WallTime now) noexcept;

/// Whether the host of the lease's last boot may still come up and speak: it was counted less than `within` ago, and
/// neither the time nor the dead man has ended the lease since. A boot that was the lease's last one counts too.
[[nodiscard]] bool is_booting(const Lease& lease, const LeaseLimits& limits, Milliseconds within,
                              WallTime now) noexcept;

/// What the server boots if it asks at `now`; without a lease its disk.
[[nodiscard]] BootMode mode_at(const std::optional<Lease>& lease, const LeaseLimits& limits, WallTime now) noexcept;

/// The lease after a rescue boot script has been served at `now`. Precondition: `mode_at` says so.
[[nodiscard]] Lease after_boot(Lease lease, const LeaseLimits& limits, WallTime now);

}  // namespace rescue::netboot
