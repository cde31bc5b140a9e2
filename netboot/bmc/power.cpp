// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/power.hpp"

#include "core/log.hpp"
#include "netboot/domain/server.hpp"

#include <fmt/format.h>

#include <optional>

namespace rescue::netboot {
namespace {

constexpr auto look_at_it = "Look at the BMC itself: its log, its licence, whether the chassis is locked.";

/// One action on one BMC.
class Performance {
public:
  Performance(Bmc& bmc, const PowerLimits& limits, Clock& clock, const std::stop_token& stop)
      : bmc_(bmc), limits_(limits), clock_(clock), stop_(stop) {}

  PowerState turn(PowerAction action, PowerState wanted) {
    if (bmc_.power() == wanted) return wanted;
    std::optional<OutcomeUnknown> lost;
    try {
      bmc_.control(action);
    } catch (const OutcomeUnknown& error) {
      log::info("{}; the power state will tell", error.what());
      lost = error;
    }
    const bool is_shutdown = action == PowerAction::shutdown;
    const auto limit = is_shutdown ? limits_.shutdown : limits_.settle;
    if (await(limit, [&] { return bmc_.power() == wanted; })) return wanted;
    if (lost) throw *lost;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
    if (is_shutdown) {
      throw Error(ErrorCode::timeout, fmt::format("the operating system has not shut down in {} s", seconds),
                  "It may ignore the power button. 'off' turns the server off all the same.");
    }
    throw Error(
        ErrorCode::timeout,
        fmt::format("the BMC accepted the request, and the power is not {} after {} s", name_of(wanted), seconds),
        look_at_it);
  }

  PowerState reset() {
    if (bmc_.power() == PowerState::off) {
      throw Error(ErrorCode::precondition, "the server is off: there is nothing to reset", "Turn it on, or cycle it.");
    }
    try {
      bmc_.control(PowerAction::reset);
    } catch (const OutcomeUnknown& error) {
      throw OutcomeUnknown(error.code(), fmt::format("it is not known whether the server was reset: {}", error.what()),
                           "Look at the server's console before you ask again.");
    }
    if (await(limits_.settle, [&] { return bmc_.power() == PowerState::on; })) return PowerState::on;
    throw Error(ErrorCode::timeout, "the server was reset, and its power is off", "Turn it on.");
  }

  /// False when it does not hold in time.
  template <class Holds>
  bool await(Milliseconds limit, Holds holds) {
    const auto deadline = clock_.now() + limit;
    while (!holds()) {
      if (clock_.now() >= deadline) return false;
      if (!clock_.sleep_for(limits_.look, stop_)) {
        throw Error(ErrorCode::interrupted, "netbootd stopped before the BMC had done it");
      }
    }
    return true;
  }

private:
  Bmc& bmc_;
  const PowerLimits& limits_;
  Clock& clock_;
  const std::stop_token& stop_;
};

std::string described(const BootOverride& device, std::optional<Firmware> mode) {
  return fmt::format("{}{}{}", name_of(device.device), device.lasting ? " for every boot" : "",
                     !mode                     ? ""
                     : *mode == Firmware::uefi ? " by UEFI"
                                               : " by BIOS");
}

bool is_too_lasting(const BootOverride& wanted, const BootOverride& seen) {
  return seen.device == wanted.device && seen.lasting && !wanted.lasting;
}

/// A server that boots from the network for ever, since its BMC knows no other way, is not left so.
void take_back(Bmc& bmc, Firmware firmware) {
  try {
    bmc.set_boot_device({}, firmware);
  } catch (const Error& error) {
    log::warning("the boot device could not be taken back: {}", error.what());
  }
}

Error unseen(const BootOverride& wanted, const Error& why) {
  return {ErrorCode::precondition,
          fmt::format("the BMC accepted the boot device {}, and whether it is set can't be seen: {}",
                      name_of(wanted.device), why.what()),
          look_at_it};
}

Error not_set(const BootOverride& wanted, Firmware firmware, const BootOverride& seen) {
  const bool differs_in_mode = seen.device == wanted.device && seen.mode && *seen.mode != firmware;
  return {ErrorCode::timeout,
          fmt::format("the BMC accepted the boot device {}, and has {}",
                      described(wanted, differs_in_mode ? std::optional(firmware) : std::nullopt),
                      described(seen, differs_in_mode ? seen.mode : std::nullopt)),
          look_at_it};
}

}  // namespace

PowerState perform(Bmc& bmc, PowerAction action, const PowerLimits& limits, Clock& clock, const std::stop_token& stop) {
  Performance performance(bmc, limits, clock, stop);
  switch (action) {
  case PowerAction::on:
    return performance.turn(PowerAction::on, PowerState::on);
  case PowerAction::off:
    return performance.turn(PowerAction::off, PowerState::off);
  case PowerAction::shutdown:
    return performance.turn(PowerAction::shutdown, PowerState::off);
  case PowerAction::cycle:
    // In two steps: that a server was off for a moment is not seen in one that is on before and after.
    performance.turn(PowerAction::off, PowerState::off);
    return performance.turn(PowerAction::on, PowerState::on);
  case PowerAction::restart:
    performance.turn(PowerAction::shutdown, PowerState::off);
    return performance.turn(PowerAction::on, PowerState::on);
  case PowerAction::reset:
    return performance.reset();
  }
  return bmc.power();
}

BootOverride set_boot_device(Bmc& bmc, BootOverride wanted, Firmware firmware, const PowerLimits& limits, Clock& clock,
                             const std::stop_token& stop) {
  bmc.set_boot_device(wanted, firmware);
  auto set = wanted;
  Performance performance(bmc, limits, clock, stop);
  const auto is_as_wanted = [&] {
    set = bmc.boot_device();
    return is_set(wanted, firmware, set);
  };
  try {
    if (performance.await(limits.settle, is_as_wanted)) return set;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    throw unseen(wanted, error);
  }
  if (wanted.device == BootDevice::network && is_too_lasting(wanted, set)) take_back(bmc, firmware);
  throw not_set(wanted, firmware, set);
}

}  // namespace rescue::netboot
