// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/power.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

namespace rescue::netboot {
namespace {

constexpr auto look_at_it = "Look at the BMC itself: its log, its licence, whether the chassis is locked.";

void await(Bmc& bmc, PowerState wanted, const PowerLimits& limits, Clock& clock, const std::stop_token& stop) {
  const auto deadline = clock.now() + limits.settle;
  while (bmc.power() != wanted) {
    if (clock.now() >= deadline) {
      throw Error(ErrorCode::timeout,
                  fmt::format("the BMC accepted the request, and the power is not {} after {} s", name_of(wanted),
                              std::chrono::duration_cast<std::chrono::seconds>(limits.settle).count()),
                  look_at_it);
    }
    if (!clock.sleep_for(limits.look, stop)) {
      throw Error(ErrorCode::interrupted, fmt::format("netbootd stopped before the power was {}", name_of(wanted)));
    }
  }
}

}  // namespace

PowerState perform(Bmc& bmc, PowerAction action, const PowerLimits& limits, Clock& clock, const std::stop_token& stop) {
  const auto request = [&](PowerAction step, PowerState wanted) {
    bmc.control(step);
    await(bmc, wanted, limits, clock, stop);
    return wanted;
  };
  switch (action) {
  case PowerAction::on:
    return request(PowerAction::on, PowerState::on);
  case PowerAction::off:
    return request(PowerAction::off, PowerState::off);
  case PowerAction::cycle:
    // In two steps: that a server was off for a moment is not seen in one that is on before and after.
    if (bmc.power() == PowerState::on) request(PowerAction::off, PowerState::off);
    return request(PowerAction::on, PowerState::on);
  case PowerAction::reset:
    if (bmc.power() == PowerState::off) {
      throw Error(ErrorCode::precondition, "the server is off: there is nothing to reset", "Turn it on, or cycle it.");
    }
    return request(PowerAction::reset, PowerState::on);
  }
  return bmc.power();
}

void set_boot_device(Bmc& bmc, BootDevice device, Firmware firmware) {
  bmc.set_boot_device(device, firmware);
  auto set = device;
  try {
    set = bmc.boot_device();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    log::info("the boot device could not be read back: {}", error.what());
  }
  if (set == device) return;
  throw Error(ErrorCode::timeout,
              fmt::format("the BMC accepted the boot device {}, and has {}", name_of(device), name_of(set)),
              look_at_it);
}

}  // namespace rescue::netboot
