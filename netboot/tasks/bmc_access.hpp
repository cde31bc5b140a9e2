// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The way to a server's BMC: one caller at a time, with the password opened for the moment.

#include "netboot/bmc/patient_bmc.hpp"
#include "netboot/bmc/power.hpp"
#include "netboot/store/key_file.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace rescue::netboot {

/// What a look at a BMC finds.
struct BmcCheck {
  BmcFacts facts;
  PowerState power = PowerState::off;
  std::optional<BootOverride> boot_device;  ///< none: it does not tell
};

class BmcAccess {
public:
  /// `clock` outlives this.
  BmcAccess(BmcConnector connect, KeyFile keys, PowerLimits limits, Clock& clock, Patience patience = {})
      : connect_(std::move(connect)), keys_(std::move(keys)), limits_(limits), patience_(patience), clock_(clock) {}

  [[nodiscard]] const KeyFile& keys() const noexcept { return keys_; }

  /// These throw what `Bmc` and `perform` throw, `precondition` for a server without a BMC, and `conflict` when
  /// somebody else goes on speaking with the same server's for 15 s. What is only looked at is not asked again for
  /// longer than 10 s.
  [[nodiscard]] PowerState power(const Server& server);
  PowerState perform(const Server& server, PowerAction action, const std::stop_token& stop);
  /// What is set then: a BMC may have no lasting ones.
  BootOverride set_boot_device(const Server& server, BootDevice device, bool lasting = false,
                               const std::stop_token& stop = {});
  /// As above, for somebody who waits for the answer.
  BootOverride set_boot_device_soon(const Server& server, BootOverride wanted);
  /// Logs in and looks; changes nothing.
  [[nodiscard]] BmcCheck check(const Server& server);

private:
  class Turn;
  [[nodiscard]] std::unique_ptr<Bmc> connect(const Server& server, Milliseconds busy,
                                             const std::stop_token& stop = {}) const;

  const BmcConnector connect_;
  const KeyFile keys_;
  const PowerLimits limits_;
  const Patience patience_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::set<std::string> busy_;
};

}  // namespace rescue::netboot
