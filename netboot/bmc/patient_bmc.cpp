// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/patient_bmc.hpp"

namespace rescue::netboot {

void PatientBmc::finish(InTurns work) {
  if (do_all_turns(std::move(work), clock_, stop_)) return;
  throw Error(ErrorCode::interrupted, "netbootd stopped before the BMC had answered");
}

PowerState PatientBmc::power() {
  auto found = PowerState::off;
  finish(turns_.power(found));
  return found;
}

void PatientBmc::control(PowerAction action) { finish(turns_.control(action)); }

void PatientBmc::set_boot_device(BootOverride wanted, Firmware firmware) {
  finish(turns_.set_boot_device(wanted, firmware));
}

BootOverride PatientBmc::boot_device() {
  BootOverride found;
  finish(turns_.boot_device(found));
  return found;
}

BmcFacts PatientBmc::facts() {
  BmcFacts found;
  finish(turns_.facts(found));
  return found;
}

}  // namespace rescue::netboot
