// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Power actions, verified: a BMC that accepts a request and does nothing is a failure.

#include "core/clock.hpp"
#include "netboot/bmc/patient_turns.hpp"

#include <stop_token>

namespace rescue::netboot {

struct PowerLimits {
  Milliseconds settle{60'000};     ///< from a request until the power state, or the boot device, must change
  Milliseconds look{1'000};        ///< polling interval: BMCs send no events
  Milliseconds shutdown{300'000};  ///< from the request to shut down until the power is off
};

/// Returns the final power state. Requests nothing if the server already has the wanted state. Throws what `Bmc`
/// throws, `timeout` if the power state does not follow within the limits, and `interrupted` if `stop` is requested.
/// After a request without an answer the power state decides; a reset does not show in it, so that throws
/// OutcomeUnknown. Between off and on, `cycle` and `restart` retry after any error, as long as `bmc` is patient; if
/// they still fail, the error reports that the server is off.
PowerState perform(Bmc& bmc, PowerAction action, const PowerLimits& limits, Clock& clock, const std::stop_token& stop);

/// Sets the boot device and reads it back; returns what is set, which may be for the next boot only where a lasting one
/// was wanted. Throws `timeout` if device, duration or firmware still differ after `limits.settle`, and `precondition`
/// if the BMC does not show the device.
BootOverride set_boot_device(Bmc& bmc, BootOverride wanted, Firmware firmware, const PowerLimits& limits, Clock& clock,
                             const std::stop_token& stop);

/// Like the functions above, in turns: a turn blocks for one request. They write the result to the last argument. All
/// arguments outlive the turns.
InTurns perform_in_turns(PatientTurns& bmc, PowerAction action, const PowerLimits& limits, Clock& clock,
                         PowerState& reached);
InTurns set_boot_device_in_turns(PatientTurns& bmc, BootOverride wanted, Firmware firmware, const PowerLimits& limits,
                                 Clock& clock, BootOverride& set);
/// For the next boot, or, if the BMC supports nothing else, for every boot: then the caller clears it later.
InTurns set_next_boot_in_turns(PatientTurns& bmc, BootDevice device, Firmware firmware, const PowerLimits& limits,
                               Clock& clock, BootOverride& set);

}  // namespace rescue::netboot
