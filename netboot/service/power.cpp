// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/power.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

namespace rescue::netboot {

BmcAccess& Power::bmcs() const {
  if (options_.bmcs == nullptr) throw Error(ErrorCode::precondition, "this netbootd speaks with no BMC");
  return *options_.bmcs;
}

PowerState Power::state(const ServerName& name) {
  const auto server = parts_.servers.state(name).server;
  return bmcs().power(server);
}

CheckedBmc Power::check(const ServerName& name) {
  auto server = parts_.servers.state(name).server;
  auto check = bmcs().check(server);
  return {std::move(server), std::move(check)};
}

BootOverride Power::set_boot_device(const ServerName& name, BootOverride wanted, const std::string& requested_by) {
  const auto server = parts_.servers.state(name).server;
  const auto set = bmcs().set_boot_device_soon(server, wanted);
  log::info("boot device of {}: {}, by {}", name.text(), name_of(set.device), requested_by);
  return set;
}

Task Power::order(const ServerName& name, const PowerOrder& order, const std::string& requested_by) {
  constexpr int settles = 4;
  const Milliseconds time_limit = settles * PowerLimits{}.settle + PowerLimits{}.shutdown;
  auto task = parts_.tasks.begin_power(name, order.action, order.device, requested_by, time_limit, order.force);
  log::info("power of {}: {}, by {}", name.text(), name_of(order.action), requested_by);
  if (options_.wake) options_.wake();
  return task;
}

BmcEndpoint Power::sealed(const NewBmc& bmc) const {
  auto endpoint = bmc.endpoint;
  endpoint.sealed_password = bmcs().keys().seal(bmc.password);
  return endpoint;
}

}  // namespace rescue::netboot
