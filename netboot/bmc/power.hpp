// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Power actions that are seen to be done: a BMC that accepts and does nothing is a failure.

#include "core/clock.hpp"
#include "netboot/bmc/bmc.hpp"

#include <stop_token>

namespace rescue::netboot {

struct PowerLimits {
  Milliseconds settle{60'000};  ///< from a request until the power state must show it
  Milliseconds look{1'000};     ///< between looks: IPMI tells nobody by itself
};

/// Returns the power state afterwards. Throws what `Bmc` throws, `timeout` when the power state does not follow within
/// `limits.settle`, and `interrupted` when `stop` is requested. `cycle` blocks for twice `settle` at most.
PowerState perform(Bmc& bmc, PowerAction action, const PowerLimits& limits, Clock& clock, const std::stop_token& stop);

/// Sets the boot device and reads it back, where the BMC tells. Throws `timeout` when it is another one.
void set_boot_device(Bmc& bmc, BootDevice device, Firmware firmware);

}  // namespace rescue::netboot
