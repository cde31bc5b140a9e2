// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A BMC that is asked again when it can't just now; and never when nobody knows what it did.

#include "core/clock.hpp"
#include "netboot/bmc/bmc.hpp"

#include <memory>
#include <random>
#include <stop_token>

namespace rescue::netboot {

struct Patience {
  Milliseconds busy{120'000};    ///< so long a BMC that says "not now" is asked again: a server's POST takes a minute
  unsigned lost = 2;             ///< so often what got no answer is asked again, where asking twice does no harm
  Milliseconds first_wait{500};  ///< doubled each time, less up to a half of it by chance
  Milliseconds longest_wait{8'000};
  Milliseconds longest_asked{30'000};  ///< where the BMC itself says how long to wait, no longer than this
};

/// Every call as the one below, after some tries. Throws `interrupted` when `stop` is requested while it waits.
class PatientBmc final : public Bmc {
public:
  /// `clock` outlives this.
  PatientBmc(std::unique_ptr<Bmc> bmc, Patience patience, Clock& clock, std::stop_token stop)
      : bmc_(std::move(bmc)), patience_(patience), clock_(clock), stop_(std::move(stop)) {}

  [[nodiscard]] PowerState power() override;
  /// A request whose outcome is unknown is not repeated: a second reset could hit a server that is booting.
  void control(PowerAction action) override;
  void set_boot_device(BootOverride wanted, Firmware firmware) override;
  [[nodiscard]] BootOverride boot_device() override;
  [[nodiscard]] BmcFacts facts() override;

private:
  template <class Call>
  auto ask(bool may_repeat, Call call);
  [[nodiscard]] Milliseconds some_of(Milliseconds longest);
  void wait(Milliseconds time);

  std::unique_ptr<Bmc> bmc_;
  Patience patience_;
  Clock& clock_;
  std::stop_token stop_;
  std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace rescue::netboot
