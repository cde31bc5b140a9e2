// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Power actions that are seen to be done: a BMC that accepts and does nothing is a failure.

#include "core/clock.hpp"
#include "netboot/bmc/patient_turns.hpp"

#include <stop_token>

namespace rescue::netboot {

struct PowerLimits {
  Milliseconds settle{60'000};     ///< from a request until the power state, or the boot device, must show it
  Milliseconds look{1'000};        ///< between looks: BMCs tell nobody by themselves
  Milliseconds shutdown{300'000};  ///< from the request to shut down until the operating system has
};

/// Returns the power state afterwards. Nothing is asked of a server that is on, or off, already. Throws what `Bmc`
/// throws, `timeout` when the power state does not follow within the limits, and `interrupted` when `stop` is
/// requested. A request that got no answer is judged by what the power state does; but a reset can't be seen, so that
/// is OutcomeUnknown. Between off and on `cycle` and `restart` go on whatever the BMC says, as long as `bmc` is
/// patient, and turn on again and again; what they throw then says that the server is off.
PowerState perform(Bmc& bmc, PowerAction action, const PowerLimits& limits, Clock& clock, const std::stop_token& stop);

/// Sets the boot device and reads it back; returns what is set, which may be for the next boot only where a lasting one
/// was wanted. Throws `timeout` when it is another device, for ever instead of once, or by the other firmware, after
/// `limits.settle`; `precondition` when the BMC does not tell: what can't be seen is not done.
BootOverride set_boot_device(Bmc& bmc, BootOverride wanted, Firmware firmware, const PowerLimits& limits, Clock& clock,
                             const std::stop_token& stop);

/// As these, for somebody else to wait in between: a turn blocks for one request. What they return is put into the last
/// argument. All that is named outlives the turns.
InTurns perform_in_turns(PatientTurns& bmc, PowerAction action, const PowerLimits& limits, Clock& clock,
                         PowerState& reached);
InTurns set_boot_device_in_turns(PatientTurns& bmc, BootOverride wanted, Firmware firmware, const PowerLimits& limits,
                                 Clock& clock, BootOverride& set);
/// For the next boot, or, by a BMC that knows no other way, for every boot: then the caller takes it back.
InTurns set_next_boot_in_turns(PatientTurns& bmc, BootDevice device, Firmware firmware, const PowerLimits& limits,
                               Clock& clock, BootOverride& set);

}  // namespace rescue::netboot
