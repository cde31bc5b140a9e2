// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A BMC with retries, except after an unknown outcome. In turns: no thread waits in between.

#include "core/in_turns.hpp"
#include "netboot/bmc/bmc.hpp"

#include <optional>
#include <random>

namespace rescue::netboot {

struct Patience {
  Milliseconds busy{120'000};    ///< time limit for retries while a BMC is busy: a server's POST takes a minute
  unsigned lost = 2;             ///< retries of requests without an answer, where a repetition does no harm
  Milliseconds first_wait{500};  ///< doubled each time, less up to half of it at random
  Milliseconds longest_wait{8'000};
  Milliseconds longest_asked{30'000};  ///< limit of the wait that the BMC asks for
};

/// Pauses between tries: they grow and vary, and are no shorter than the BMC asks for.
class Pauses {
public:
  explicit Pauses(const Patience& patience) : patience_(patience), next_(patience.first_wait) {}
  /// The pause after a try that failed with `error`.
  [[nodiscard]] Milliseconds after(const Error& error);

private:
  const Patience patience_;
  Milliseconds next_;
  std::minstd_rand chance_{std::random_device{}()};
};

/// False if a retry can't help: user and password are refused, or the wait was interrupted.
[[nodiscard]] bool may_pass(const Error& error) noexcept;

/// The calls of a `Bmc`, with retries. A turn blocks for one call at most.
class PatientTurns {
public:
  /// `bmc` and `clock` outlive this.
  PatientTurns(Bmc& bmc, Patience patience, Clock& clock) : bmc_(bmc), patience_(patience), clock_(clock) {}

  InTurns power(PowerState& found);
  /// Retries after any error, until patience ends: for a server that must not stay in its state.
  InTurns power_by_all_means(PowerState& found);
  /// Does not repeat a request with an unknown outcome: a second reset could hit a booting server.
  InTurns control(PowerAction action);
  /// Polls, and turns on while the power reads off: soon again after a refused or lost request, else every `limit`.
  /// Retries until patience ends, and then polls until `limit` after the last request. Turning on twice does no harm.
  InTurns turn_on_by_all_means(Milliseconds limit, Milliseconds look, bool& reached);
  InTurns set_boot_device(BootOverride wanted, Firmware firmware);
  InTurns boot_device(BootOverride& found);
  InTurns facts(BmcFacts& found);

private:
  enum class Repeats {
    put_off,   ///< requests that the BMC reports as not done
    lost,      ///< also requests without an answer, some times
    whatever,  ///< after any error that may pass
  };
  /// None: patience has ended.
  [[nodiscard]] std::optional<Milliseconds> pause_after(const Error& error, Pauses& pauses, SteadyTime deadline);
  template <class Call>
  InTurns ask(Repeats repeats, Call call);

  Bmc& bmc_;
  const Patience patience_;
  Clock& clock_;
};

}  // namespace rescue::netboot
