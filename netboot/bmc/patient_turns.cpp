// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/patient_turns.hpp"

#include "core/log.hpp"

#include <algorithm>

namespace rescue::netboot {

Milliseconds PatientTurns::some_of(Milliseconds longest) {
  std::uniform_int_distribution<Milliseconds::rep> some(longest.count() / 2, longest.count());
  return Milliseconds(some(chance_));
}

template <class Call>
InTurns PatientTurns::ask(bool may_repeat, Call call) {
  const auto deadline = clock_.now() + patience_.busy;
  unsigned lost = 0;
  for (auto next = patience_.first_wait;; next = std::min(next * 2, patience_.longest_wait)) {
    Milliseconds asked{0};
    try {
      call();
      co_return;
    } catch (const BmcBusy& error) {
      asked = std::min(error.retry_after(), patience_.longest_asked);
      if (clock_.now() + std::max(next, asked) > deadline) throw;
      log::info("{}; asked again soon", error.what());
    } catch (const OutcomeUnknown& error) {
      if (!may_repeat || ++lost > patience_.lost || clock_.now() + next > deadline) throw;
      log::info("{}; asked again soon", error.what());
    }
    co_yield std::max(some_of(next), asked);
  }
}

InTurns PatientTurns::power(PowerState& found) {
  return ask(true, [this, &found] { found = bmc_.power(); });
}

InTurns PatientTurns::control(PowerAction action) {
  return ask(false, [this, action] { bmc_.control(action); });
}

InTurns PatientTurns::set_boot_device(BootOverride wanted, Firmware firmware) {
  return ask(true, [this, wanted, firmware] { bmc_.set_boot_device(wanted, firmware); });
}

InTurns PatientTurns::boot_device(BootOverride& found) {
  return ask(true, [this, &found] { found = bmc_.boot_device(); });
}

InTurns PatientTurns::facts(BmcFacts& found) {
  return ask(true, [this, &found] { found = bmc_.facts(); });
}

}  // namespace rescue::netboot
