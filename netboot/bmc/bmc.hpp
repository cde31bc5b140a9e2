// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The port to a server's BMC, whatever it speaks: single requests, as they were answered.

#include "core/secret.hpp"
#include "netboot/domain/bmc.hpp"
#include "netboot/domain/server.hpp"

#include <functional>
#include <memory>

namespace rescue::netboot {

/// Every call blocks for an answer, for some seconds at most, and throws `denied` when the BMC refuses user or
/// password, `unavailable` when nothing answers, `precondition` when it can't do that.
class Bmc {
public:
  Bmc() = default;
  virtual ~Bmc() = default;
  Bmc(const Bmc&) = delete;
  Bmc& operator=(const Bmc&) = delete;

  [[nodiscard]] virtual PowerState power() = 0;
  /// On, off or reset; that it is done is for `power` to tell. Not for `cycle`.
  virtual void control(PowerAction action) = 0;
  /// For the next boot only, however long that takes; `none` takes back what was set.
  virtual void set_boot_device(BootDevice device, Firmware firmware) = 0;
  /// What is set. Throws `precondition` where the BMC does not tell.
  [[nodiscard]] virtual BootDevice boot_device() = 0;
};

using BmcConnector = std::function<std::unique_ptr<Bmc>(const BmcEndpoint&, Secret password)>;

}  // namespace rescue::netboot
