// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The power of servers, and whatever else is asked of their BMCs.

#include "core/secret.hpp"
#include "netboot/domain/bmc.hpp"
#include "netboot/domain/server_name.hpp"
#include "netboot/domain/task.hpp"
#include "netboot/service/servers.hpp"
#include "netboot/service/service_options.hpp"
#include "netboot/service/tasks.hpp"

#include <string>

namespace rescue::netboot {

/// A BMC with its password, which callers send and never get back.
struct NewBmc {
  BmcEndpoint endpoint;
  Secret password;
};

struct PowerOrder {
  PowerAction action = PowerAction::cycle;
  BootDevice device = BootDevice::none;
  bool force = false;  ///< even under a live session
};

struct CheckedBmc {
  Server server;
  BmcCheck check;
};

/// Thread-safe. Calls block for the database, and but for `order` and `sealed` for a BMC. They throw `unavailable` when
/// the database fails, `not_found` without the server, `precondition` where no BMC is spoken with, and what BmcAccess
/// throws.
class Power {
public:
  struct Parts {
    Servers& servers;
    Tasks& tasks;
  };
  /// The objects in `parts` outlive this.
  Power(const Parts& parts, ServiceOptions options) : parts_(parts), options_(std::move(options)) {}

  [[nodiscard]] PowerState state(const ServerName& name);
  /// Logs in and looks; changes nothing.
  [[nodiscard]] CheckedBmc check(const ServerName& name);
  /// Returns the override that is set afterwards: some BMCs have no lasting ones.
  BootOverride set_boot_device(const ServerName& name, BootOverride wanted, const std::string& requested_by);
  /// Throws what Tasks::begin_power throws.
  [[nodiscard]] Task order(const ServerName& name, const PowerOrder& order, const std::string& requested_by);

  /// Throws `precondition` where no BMC is spoken with.
  void require_bmcs() const { (void)bmcs(); }
  /// The endpoint with its password sealed, ready to be kept. Does not block for the database.
  [[nodiscard]] BmcEndpoint sealed(const NewBmc& bmc) const;

private:
  [[nodiscard]] BmcAccess& bmcs() const;

  const Parts parts_;
  const ServiceOptions options_;
};

}  // namespace rescue::netboot
