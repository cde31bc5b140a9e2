// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A BMC with retries, for callers that wait for the answer.

#include "netboot/bmc/patient_turns.hpp"

#include <memory>
#include <stop_token>

namespace rescue::netboot {

/// Forwards every call, with retries. Throws `interrupted` if `stop` is requested while it waits.
class PatientBmc final : public Bmc {
public:
  /// `clock` outlives this.
  PatientBmc(std::unique_ptr<Bmc> bmc, Patience patience, Clock& clock, std::stop_token stop)
      : bmc_(std::move(bmc)), turns_(*bmc_, patience, clock), clock_(clock), stop_(std::move(stop)) {}

  [[nodiscard]] PowerState power() override;
  void control(PowerAction action) override;
  void set_boot_device(BootOverride wanted, Firmware firmware) override;
  [[nodiscard]] BootOverride boot_device() override;
  [[nodiscard]] BmcFacts facts() override;
  [[nodiscard]] bool make_do() override { return bmc_->make_do(); }

private:
  void finish(InTurns work);

  std::unique_ptr<Bmc> bmc_;
  PatientTurns turns_;
  Clock& clock_;
  std::stop_token stop_;
};

}  // namespace rescue::netboot
