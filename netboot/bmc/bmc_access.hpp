// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Access to a server's BMC: one caller at a time, with the password decrypted only for the call.

#include "netboot/bmc/bmc_lines.hpp"
#include "netboot/bmc/key_file.hpp"
#include "netboot/bmc/patient_turns.hpp"
#include "netboot/bmc/power.hpp"

#include <memory>
#include <optional>
#include <string>

namespace rescue::netboot {

/// Result of a check of a BMC.
struct BmcCheck {
  BmcFacts facts;
  PowerState power = PowerState::off;
  std::optional<BootOverride> boot_device;  ///< none: the BMC does not show it
};

/// A BMC for callers that work in turns, and hold its line in each of them. Logs out when destroyed: in a turn.
class BmcVisit {
public:
  /// `limits` and `clock` outlive this. Sends nothing yet.
  BmcVisit(std::unique_ptr<Bmc> bmc, Firmware firmware, Patience patience, const PowerLimits& limits, Clock& clock)
      : bmc_(std::move(bmc)), firmware_(firmware), limits_(limits), clock_(clock), turns_(*bmc_, patience, clock) {}

  InTurns power(PowerState& found);
  InTurns perform(PowerAction action, PowerState& reached);
  InTurns set_boot_device(BootDevice device, BootOverride& set);
  /// Like set_next_boot_in_turns; with `set.lasting` the caller must clear the device later.
  InTurns set_next_boot(BootDevice device, BootOverride& set);

private:
  std::unique_ptr<Bmc> bmc_;
  const Firmware firmware_;
  const PowerLimits& limits_;
  Clock& clock_;
  PatientTurns turns_;
};

class BmcAccess {
public:
  /// `clock` outlives this.
  BmcAccess(BmcConnector connect, KeyFile keys, PowerLimits limits, Clock& clock, Patience patience = {})
      : connect_(std::move(connect)), keys_(std::move(keys)), limits_(limits), patience_(patience), clock_(clock) {}

  [[nodiscard]] const KeyFile& keys() const noexcept { return keys_; }

  /// For callers that wait for the answer: a busy BMC is retried for at most 10 s. These throw what `Bmc` and `perform`
  /// throw, `precondition` for a server without a BMC, and BmcTaken.
  [[nodiscard]] PowerState power(const Server& server);
  /// Returns what is set: a BMC may not support lasting devices.
  BootOverride set_boot_device_soon(const Server& server, BootOverride wanted);
  /// Logs in and reads; changes nothing.
  [[nodiscard]] BmcCheck check(const Server& server);

  /// For tasks: retries a busy BMC. Throws `precondition` for a server without a BMC.
  [[nodiscard]] std::unique_ptr<BmcVisit> visit(const Server& server);
  /// The line (BmcLines) of the server's BMC.
  [[nodiscard]] static std::string line_of(const Server& server);
  [[nodiscard]] BmcLines& lines() noexcept { return lines_; }

private:
  class Turn;
  [[nodiscard]] std::unique_ptr<Bmc> connect(const Server& server) const;
  [[nodiscard]] std::unique_ptr<Bmc> connect_soon(const Server& server) const;

  const BmcConnector connect_;
  const KeyFile keys_;
  const PowerLimits limits_;
  const Patience patience_;
  Clock& clock_;
  BmcLines lines_;
};

}  // namespace rescue::netboot
