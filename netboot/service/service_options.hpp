// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Settings of netbootd's configuration that its use cases need.

#include "core/clock.hpp"
#include "netboot/bmc/bmc_access.hpp"
#include "netboot/boot/catalogue.hpp"
#include "netboot/boot/rescue_boot.hpp"
#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/delivery.hpp"
#include "netboot/domain/task.hpp"
#include "netboot/service/link_sender.hpp"

#include <functional>
#include <string>

namespace rescue::netboot {

struct ServiceOptions {
  Milliseconds lease_ttl{};  ///< of leases that are asked for without one
  Catalogue catalogue{};
  AgentEndpoint agent{};
  AgentRules agent_rules{};
  TaskLimits tasks{};
  std::string key_file{};             ///< seals secrets of one-time links; see KeyFile
  std::string links_url{};            ///< base URL of one-time links; empty: unknown, and none is made for a rescue
  LinkSender* link_sender = nullptr;  ///< outlives the services; none: there is no receiver
  DeliveryRules delivery{};           ///< who gets messages about rescues
  BmcAccess* bmcs = nullptr;          ///< outlives the services; none: BMCs are not spoken with
  std::function<void()> wake{};       ///< called when there is something to do for those who carry out tasks
};

}  // namespace rescue::netboot
