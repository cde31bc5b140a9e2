// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A BMC that is asked again when it can't just now; and never when nobody knows what it did. In turns: nobody waits in
// between.

#include "core/in_turns.hpp"
#include "netboot/bmc/bmc.hpp"

#include <optional>
#include <random>

namespace rescue::netboot {

struct Patience {
  Milliseconds busy{120'000};    ///< so long a BMC that says "not now" is asked again: a server's POST takes a minute
  unsigned lost = 2;             ///< so often what got no answer is asked again, where asking twice does no harm
  Milliseconds first_wait{500};  ///< doubled each time, less up to a half of it by chance
  Milliseconds longest_wait{8'000};
  Milliseconds longest_asked{30'000};  ///< where the BMC itself says how long to wait, no longer than this
};

/// The pauses between tries: they grow and vary, and are no shorter than what a BMC asks for.
class Pauses {
public:
  explicit Pauses(const Patience& patience) : patience_(patience), next_(patience.first_wait) {}
  /// The one after a try that failed so.
  [[nodiscard]] Milliseconds after(const Error& error);

private:
  const Patience patience_;
  Milliseconds next_;
  std::minstd_rand chance_{std::random_device{}()};
};

/// False for what no other try will change: user and password that are refused, and whoever waits being told to stop.
[[nodiscard]] bool may_pass(const Error& error) noexcept;

/// The calls of a `Bmc`, each as one below after some tries. A turn blocks for one call at most.
class PatientTurns {
public:
  /// `bmc` and `clock` outlive this.
  PatientTurns(Bmc& bmc, Patience patience, Clock& clock) : bmc_(bmc), patience_(patience), clock_(clock) {}

  InTurns power(PowerState& found);
  /// For as long as patience lasts, whatever the BMC says: for a server that must not stay as it is.
  InTurns power_by_all_means(PowerState& found);
  /// A request whose outcome is unknown is not repeated: a second reset could hit a server that is booting.
  InTurns control(PowerAction action);
  /// Looks, and turns on while the power reads off: what was refused or lost again soon, what was taken each `limit`.
  /// For as long as patience lasts, and then until `limit` after the last time. To turn on does no harm twice.
  InTurns turn_on_by_all_means(Milliseconds limit, Milliseconds look, bool& reached);
  InTurns set_boot_device(BootOverride wanted, Firmware firmware);
  InTurns boot_device(BootOverride& found);
  InTurns facts(BmcFacts& found);

private:
  enum class Repeats {
    put_off,   ///< what the BMC says that it has not done
    lost,      ///< and what got no answer, some times
    whatever,  ///< that may pass
  };
  /// None: patience is over.
  [[nodiscard]] std::optional<Milliseconds> pause_after(const Error& error, Pauses& pauses, SteadyTime deadline);
  template <class Call>
  InTurns ask(Repeats repeats, Call call);

  Bmc& bmc_;
  const Patience patience_;
  Clock& clock_;
};

}  // namespace rescue::netboot
