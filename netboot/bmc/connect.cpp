// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/ipmitool_bmc.hpp"
#include "netboot/bmc/redfish_bmc.hpp"

namespace rescue::netboot {

std::unique_ptr<Bmc> connect_bmc(const BmcEndpoint& endpoint, Secret password) {
  if (endpoint.kind == BmcKind::redfish) return std::make_unique<RedfishBmc>(endpoint, std::move(password));
  return std::make_unique<IpmitoolBmc>(endpoint, std::move(password));
}

BmcConnector bmc_connector(bool legacy_tls) {
  return [legacy_tls](const BmcEndpoint& kept, Secret password) {
    auto endpoint = kept;
    endpoint.legacy_tls = legacy_tls;
    return connect_bmc(endpoint, std::move(password));
  };
}

}  // namespace rescue::netboot
