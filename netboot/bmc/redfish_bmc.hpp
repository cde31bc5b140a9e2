// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A BMC by Redfish: reads its features instead of assuming them.

#include "netboot/bmc/redfish_quirks.hpp"
#include "netboot/bmc/redfish_session.hpp"

#include <string>
#include <vector>

namespace rescue::netboot {

class RedfishBmc final : public Bmc {
public:
  RedfishBmc(const BmcEndpoint& endpoint, Secret password, RedfishLimits limits = {})
      : wanted_system_(endpoint.system), session_(endpoint, std::move(password), limits) {}

  [[nodiscard]] PowerState power() override;
  void control(PowerAction action) override;
  void set_boot_device(BootOverride wanted, Firmware firmware) override;
  [[nodiscard]] BootOverride boot_device() override;
  [[nodiscard]] BmcFacts facts() override;
  [[nodiscard]] bool make_do() override { return session_.make_do(); }

private:
  /// Reads its current state. Finds the system first, if needed.
  [[nodiscard]] RedfishResource system();
  [[nodiscard]] std::string find_system();
  /// Where boot devices are written: the pending settings if there are any, else the system itself.
  [[nodiscard]] RedfishResource settings_of(RedfishResource system);
  /// The Boot object with the current setting: the one in the pending settings if present, else the system's.
  [[nodiscard]] nlohmann::json boot_told_by(const RedfishResource& system, const RedfishResource& settings) const;
  void change_boot(const RedfishResource& system, const RedfishResource& settings, BootOverride wanted,
                   Firmware firmware);
  [[nodiscard]] std::vector<std::string> reset_types(const RedfishResource& system);
  [[nodiscard]] const RedfishQuirks& quirks_for(const nlohmann::json& system);
  [[nodiscard]] std::string manager_version(const nlohmann::json& system);

  std::string wanted_system_;
  RedfishSession session_;
  std::string system_path_;
};

}  // namespace rescue::netboot
