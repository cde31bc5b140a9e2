// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/patient_bmc.hpp"

#include "core/log.hpp"

#include <algorithm>

namespace rescue::netboot {

Milliseconds PatientBmc::some_of(Milliseconds longest) {
  std::uniform_int_distribution<Milliseconds::rep> some(longest.count() / 2, longest.count());
  return Milliseconds(some(chance_));
}

void PatientBmc::wait(Milliseconds time) {
  if (!clock_.sleep_for(time, stop_)) {
    throw Error(ErrorCode::interrupted, "netbootd stopped before the BMC had answered");
  }
}

template <class Call>
auto PatientBmc::ask(bool may_repeat, Call call) {
  const auto deadline = clock_.now() + patience_.busy;
  unsigned lost = 0;
  for (auto next = patience_.first_wait;; next = std::min(next * 2, patience_.longest_wait)) {
    Milliseconds asked{0};
    try {
      return call();
    } catch (const BmcBusy& error) {
      asked = std::min(error.retry_after(), patience_.longest_asked);
      if (clock_.now() + std::max(next, asked) > deadline) throw;
      log::info("{}; asked again soon", error.what());
    } catch (const OutcomeUnknown& error) {
      if (!may_repeat || ++lost > patience_.lost || clock_.now() + next > deadline) throw;
      log::info("{}; asked again soon", error.what());
    }
    wait(std::max(some_of(next), asked));
  }
}

PowerState PatientBmc::power() {
  return ask(true, [this] { return bmc_->power(); });
}

void PatientBmc::control(PowerAction action) {
  ask(false, [&] { bmc_->control(action); });
}

void PatientBmc::set_boot_device(BootOverride wanted, Firmware firmware) {
  ask(true, [&] { bmc_->set_boot_device(wanted, firmware); });
}

BootOverride PatientBmc::boot_device() {
  return ask(true, [this] { return bmc_->boot_device(); });
}

BmcFacts PatientBmc::facts() {
  return ask(true, [this] { return bmc_->facts(); });
}

}  // namespace rescue::netboot
