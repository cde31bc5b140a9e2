// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/power.hpp"

#include "core/log.hpp"

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
  const auto is_set = [&] {
    set = bmc.boot_device();
    return set.device == wanted.device;
  };
  try {
    if (performance.await(limits.settle, is_set)) return set;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    log::info("the boot device could not be read back: {}", error.what());
    return wanted;
  }
  throw Error(
      ErrorCode::timeout,
      fmt::format("the BMC accepted the boot device {}, and has {}", name_of(wanted.device), name_of(set.device)),
      look_at_it);
}

}  // namespace rescue::netboot
