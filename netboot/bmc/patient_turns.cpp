// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/patient_turns.hpp"

#include "core/log.hpp"

#include <algorithm>

namespace rescue::netboot {

Milliseconds Pauses::after(const Error& error) {
  const auto* const busy = dynamic_cast<const BmcBusy*>(&error);
  const auto asked = busy == nullptr ? Milliseconds(0) : std::min(busy->retry_after(), patience_.longest_asked);
  std::uniform_int_distribution<Milliseconds::rep> some(next_.count() / 2, next_.count());
  next_ = std::min(next_ * 2, patience_.longest_wait);
  return std::max(Milliseconds(some(chance_)), asked);
}

bool may_pass(const Error& error) noexcept {
  return error.code() != ErrorCode::bmc_denied && error.code() != ErrorCode::interrupted &&
         error.code() != ErrorCode::cancelled;
}

std::optional<Milliseconds> PatientTurns::pause_after(const Error& error, Pauses& pauses, SteadyTime deadline) {
  const auto left = deadline - clock_.now();
  const auto pause = pauses.after(error);
  const auto* const busy = dynamic_cast<const BmcBusy*>(&error);
  if (busy != nullptr && std::max(pause, busy->retry_after()) > left && bmc_.make_do()) return Milliseconds(0);
  return pause > left ? std::nullopt : std::optional(pause);
}

template <class Call>
InTurns PatientTurns::ask(Repeats repeats, Call call) {
  const auto deadline = clock_.now() + patience_.busy;
  Pauses pauses(patience_);
  unsigned lost = 0;
  for (;;) {
    std::optional<Milliseconds> pause;
    try {
      call();
      co_return;
    } catch (const Error& error) {
      const bool is_put_off = dynamic_cast<const BmcBusy*>(&error) != nullptr;
      const bool is_lost = dynamic_cast<const OutcomeUnknown*>(&error) != nullptr;
      const bool is_repeated = is_put_off || (repeats == Repeats::whatever && may_pass(error)) ||
                               (repeats == Repeats::lost && is_lost && ++lost <= patience_.lost);
      if (is_repeated) pause = pause_after(error, pauses, deadline);
      if (!pause) throw;
      log::info("{}; retrying soon", error.what());
    }
    co_yield *pause;
  }
}

InTurns PatientTurns::power(PowerState& found) {
  return ask(Repeats::lost, [this, &found] { found = bmc_.power(); });
}

InTurns PatientTurns::power_by_all_means(PowerState& found) {
  return ask(Repeats::whatever, [this, &found] { found = bmc_.power(); });
}

InTurns PatientTurns::control(PowerAction action) {
  return ask(Repeats::put_off, [this, action] { bmc_.control(action); });
}

InTurns PatientTurns::turn_on_by_all_means(Milliseconds limit, Milliseconds look, bool& reached) {
  const auto patience_ends = clock_.now() + std::max(patience_.busy, limit);
  auto deadline = patience_ends;
  std::optional<SteadyTime> due;  // of the next request
  Pauses pauses(patience_);
  std::optional<Error> failed;
  for (;;) {
    std::optional pause(look);
    try {
      reached = bmc_.power() == PowerState::on;
      if (reached) co_return;
      if (!due || (clock_.now() >= *due && clock_.now() < patience_ends)) {
        co_yield Milliseconds(0);
        due = clock_.now();
        deadline = std::max(deadline, *due + limit);  // the BMC may carry it out, whatever it answers
        bmc_.control(PowerAction::on);
        due = clock_.now() + limit;
        deadline = std::max(deadline, *due);
      }
      if (clock_.now() < *due) failed.reset();
    } catch (const Error& error) {
      if (!may_pass(error)) throw;
      log::info("{}; the server is off, retrying soon", error.what());
      failed = error;
      pause = pause_after(error, pauses, deadline);
    }
    if (!pause || clock_.now() + *pause > deadline) break;
    co_yield *pause;
  }
  if (failed) throw Error(*failed);
}

InTurns PatientTurns::set_boot_device(BootOverride wanted, Firmware firmware) {
  return ask(Repeats::lost, [this, wanted, firmware] { bmc_.set_boot_device(wanted, firmware); });
}

InTurns PatientTurns::boot_device(BootOverride& found) {
  return ask(Repeats::lost, [this, &found] { found = bmc_.boot_device(); });
}

InTurns PatientTurns::facts(BmcFacts& found) {
  return ask(Repeats::lost, [this, &found] { found = bmc_.facts(); });
}

}  // namespace rescue::netboot
