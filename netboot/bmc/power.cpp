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

/// The error for a server that we may have turned off and could not turn on again.
Error left_off(std::string_view state, const Error& why) {
  return {why.code(), fmt::format("the server {}, and was not turned on again: {}", state, why.what()),
          fmt::format("The server {}: turn it on, as soon as its BMC lets you: netbootctl power set NAME on.{}{}",
                      state, why.hint().empty() ? "" : " ", why.hint())};
}

/// One action on one BMC.
class Performance {
public:
  Performance(PatientTurns& bmc, const PowerLimits& limits, Clock& clock) : bmc_(bmc), limits_(limits), clock_(clock) {}

  InTurns turn(PowerAction action, PowerState wanted) {
    bool is_asked = false;
    co_await turn(action, wanted, Looks::patiently, is_asked);
  }

  /// In two steps: a BMC that reads on before and after does not show whether the server was off.
  InTurns turn_off_and_on(PowerAction off) {
    bool is_asked = false;
    try {
      co_await turn(off, PowerState::off, Looks::by_all_means, is_asked);
    } catch (const Error& error) {
      if (!is_asked) throw;
      throw left_off("may be off", error);
    }
    try {
      bool reached = false;
      co_await bmc_.turn_on_by_all_means(limits_.settle, limits_.look, reached);
      if (!reached) fail(PowerAction::on, PowerState::on, limits_.settle);
    } catch (const Error& error) {
      throw left_off("is off", error);
    }
  }

  InTurns reset() {
    auto now = PowerState::off;
    co_await bmc_.power(now);
    if (now == PowerState::off) {
      throw Error(ErrorCode::precondition, "the server is off: there is nothing to reset", "Turn it on, or cycle it.");
    }
    try {
      co_await bmc_.control(PowerAction::reset);
    } catch (const OutcomeUnknown& error) {
      throw OutcomeUnknown(error.code(), fmt::format("it is not known whether the server was reset: {}", error.what()),
                           "Look at the server's console before you ask again.");
    }
    bool reached = false;
    co_await await(PowerState::on, limits_.settle, Looks::patiently, reached);
    if (!reached) throw Error(ErrorCode::timeout, "the server was reset, and its power is off", "Turn it on.");
  }

private:
  enum class Looks { patiently, by_all_means };

  /// Leaves `is_asked` true if the outcome is unknown.
  InTurns turn(PowerAction action, PowerState wanted, Looks looks, bool& is_asked) {
    auto now = PowerState::off;
    co_await bmc_.power(now);
    if (now == wanted) co_return;
    std::optional<OutcomeUnknown> lost;
    try {
      co_await bmc_.control(action);
    } catch (const OutcomeUnknown& error) {
      log::info("{}; the power state decides", error.what());
      lost = error;
    }
    is_asked = true;
    const auto limit = action == PowerAction::shutdown ? limits_.shutdown : limits_.settle;
    bool reached = false;
    co_await await(wanted, limit, looks, reached);
    is_asked = false;
    if (reached) co_return;
    if (lost) throw *lost;
    fail(action, wanted, limit);
  }

  InTurns await(PowerState wanted, Milliseconds limit, Looks looks, bool& reached) {
    const auto deadline = clock_.now() + limit;
    for (;;) {
      auto now = wanted;
      auto look = looks == Looks::patiently ? bmc_.power(now) : bmc_.power_by_all_means(now);
      co_await look;
      reached = now == wanted;
      if (reached || clock_.now() >= deadline) co_return;
      co_yield limits_.look;
    }
  }

  [[noreturn]] static void fail(PowerAction action, PowerState wanted, Milliseconds limit) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
    if (action == PowerAction::shutdown) {
      throw Error(ErrorCode::timeout, fmt::format("the operating system has not shut down in {} s", seconds),
                  "It may ignore the power button. 'off' turns the server off all the same.");
    }
    throw Error(
        ErrorCode::timeout,
        fmt::format("the BMC accepted the request, and the power is not {} after {} s", name_of(wanted), seconds),
        look_at_it);
  }

  PatientTurns& bmc_;
  const PowerLimits& limits_;
  Clock& clock_;
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

/// Clears a boot device that is lasting by mistake: else the server would boot from the network at every boot.
InTurns take_back(PatientTurns& bmc, Firmware firmware) {
  try {
    co_await bmc.set_boot_device({}, firmware);
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
  const auto* const remedy = is_too_lasting(wanted, seen)
                                 ? "This BMC may know no boot device for one boot only. Ask for a lasting one."
                                 : look_at_it;
  return {ErrorCode::timeout,
          fmt::format("the BMC accepted the boot device {}, and has {}",
                      described(wanted, differs_in_mode ? std::optional(firmware) : std::nullopt),
                      described(seen, differs_in_mode ? seen.mode : std::nullopt)),
          remedy};
}

/// Polls until the device is set, or the limit is over.
InTurns await_boot_device(PatientTurns& bmc, const BootOverride& wanted, Firmware firmware, const PowerLimits& limits,
                          Clock& clock, BootOverride& set) {
  const auto deadline = clock.now() + limits.settle;
  for (;;) {
    co_await bmc.boot_device(set);
    if (is_set(wanted, firmware, set) || clock.now() >= deadline) co_return;
    co_yield limits.look;
  }
}

/// `taken`: the least that is accepted.
InTurns set_and_look(PatientTurns& bmc, const BootOverride& wanted, const BootOverride& taken, Firmware firmware,
                     const PowerLimits& limits, Clock& clock, BootOverride& set) {
  co_await bmc.set_boot_device(wanted, firmware);
  set = wanted;
  try {
    co_await await_boot_device(bmc, taken, firmware, limits, clock, set);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    throw unseen(wanted, error);
  }
}

/// One try per call.
constexpr Patience no_patience{Milliseconds(0), 0};

void finish(InTurns work, Clock& clock, const std::stop_token& stop) {
  if (do_all_turns(std::move(work), clock, stop)) return;
  throw Error(ErrorCode::interrupted, "netbootd stopped before the BMC had done it");
}

}  // namespace

InTurns perform_in_turns(PatientTurns& bmc, PowerAction action, const PowerLimits& limits, Clock& clock,
                         PowerState& reached) {
  Performance performance(bmc, limits, clock);
  reached = action == PowerAction::off || action == PowerAction::shutdown ? PowerState::off : PowerState::on;
  switch (action) {
  case PowerAction::on:
  case PowerAction::off:
  case PowerAction::shutdown:
    co_await performance.turn(action, reached);
    co_return;
  case PowerAction::cycle:
    co_await performance.turn_off_and_on(PowerAction::off);
    co_return;
  case PowerAction::restart:
    co_await performance.turn_off_and_on(PowerAction::shutdown);
    co_return;
  case PowerAction::reset:
    co_await performance.reset();
    co_return;
  }
}

InTurns set_boot_device_in_turns(PatientTurns& bmc, BootOverride wanted, Firmware firmware, const PowerLimits& limits,
                                 Clock& clock, BootOverride& set) {
  co_await set_and_look(bmc, wanted, wanted, firmware, limits, clock, set);
  if (is_set(wanted, firmware, set)) co_return;
  if (wanted.device == BootDevice::network && is_too_lasting(wanted, set)) co_await take_back(bmc, firmware);
  throw not_set(wanted, firmware, set);
}

InTurns set_next_boot_in_turns(PatientTurns& bmc, BootDevice device, Firmware firmware, const PowerLimits& limits,
                               Clock& clock, BootOverride& set) {
  const BootOverride taken{device, true};  // a device for one boot is accepted too
  co_await set_and_look(bmc, {device}, taken, firmware, limits, clock, set);
  if (!is_set(taken, firmware, set)) throw not_set({device}, firmware, set);
}

PowerState perform(Bmc& bmc, PowerAction action, const PowerLimits& limits, Clock& clock, const std::stop_token& stop) {
  PatientTurns turns(bmc, no_patience, clock);
  auto reached = PowerState::off;
  finish(perform_in_turns(turns, action, limits, clock, reached), clock, stop);
  return reached;
}

BootOverride set_boot_device(Bmc& bmc, BootOverride wanted, Firmware firmware, const PowerLimits& limits, Clock& clock,
                             const std::stop_token& stop) {
  PatientTurns turns(bmc, no_patience, clock);
  BootOverride set;
  finish(set_boot_device_in_turns(turns, wanted, firmware, limits, clock, set), clock, stop);
  return set;
}

}  // namespace rescue::netboot
