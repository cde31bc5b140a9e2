// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A BMC that is asked again when it can't just now; and never when nobody knows what it did. In turns: nobody waits in
// between.

#include "core/in_turns.hpp"
#include "netboot/bmc/bmc.hpp"

#include <random>

namespace rescue::netboot {

struct Patience {
  Milliseconds busy{120'000};    ///< so long a BMC that says "not now" is asked again: a server's POST takes a minute
  unsigned lost = 2;             ///< so often what got no answer is asked again, where asking twice does no harm
  Milliseconds first_wait{500};  ///< doubled each time, less up to a half of it by chance
  Milliseconds longest_wait{8'000};
  Milliseconds longest_asked{30'000};  ///< where the BMC itself says how long to wait, no longer than this
};

/// The calls of a `Bmc`, each as one below after some tries. A turn blocks for one call at most.
class PatientTurns {
public:
  /// `bmc` and `clock` outlive this.
  PatientTurns(Bmc& bmc, Patience patience, Clock& clock) : bmc_(bmc), patience_(patience), clock_(clock) {}

  InTurns power(PowerState& found);
  /// A request whose outcome is unknown is not repeated: a second reset could hit a server that is booting.
  InTurns control(PowerAction action);
  InTurns set_boot_device(BootOverride wanted, Firmware firmware);
  InTurns boot_device(BootOverride& found);
  InTurns facts(BmcFacts& found);

private:
  template <class Call>
  InTurns ask(bool may_repeat, Call call);
  [[nodiscard]] Milliseconds some_of(Milliseconds longest);

  Bmc& bmc_;
  const Patience patience_;
  Clock& clock_;
  std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace rescue::netboot
