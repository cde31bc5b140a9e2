// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A BMC by IPMI 2.0 over the network, through the program ipmitool: a process for each request.

#include "core/subprocess.hpp"
#include "netboot/bmc/bmc.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::netboot {

class IpmitoolBmc final : public Bmc {
public:
  IpmitoolBmc(BmcEndpoint endpoint, Secret password) : endpoint_(std::move(endpoint)), password_(std::move(password)) {}

  [[nodiscard]] PowerState power() override;
  void control(PowerAction action) override;
  void set_boot_device(BootOverride wanted, Firmware firmware) override;
  [[nodiscard]] BootOverride boot_device() override;
  [[nodiscard]] BmcFacts facts() override;

private:
  using Bytes = std::vector<unsigned>;
  [[nodiscard]] Completed ask(const std::vector<std::string>& bytes) const;
  /// Sends a request by network function and command (IPMI 2.0, appendix G); returns the data of the answer.
  [[nodiscard]] Bytes request(const std::vector<std::string>& bytes);
  /// False if the BMC keeps the boot device alone.
  [[nodiscard]] bool keeps_flags();

  BmcEndpoint endpoint_;
  Secret password_;
  std::string privilege_{"ADMINISTRATOR"};  ///< requested; OPERATOR after a refusal
};

}  // namespace rescue::netboot
