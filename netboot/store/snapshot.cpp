// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/snapshot.hpp"

#include "netboot/store/rows.hpp"
#include "netboot/store/session_rows.hpp"
#include "netboot/store/task_rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <soci/soci.h>

namespace rescue::netboot::rows {
namespace {

using nlohmann::json;

json lease_json(const Lease& lease) {
  return {{"mode", lease.mode.name()},
          {"policy", name_of(lease.policy)},
          {"requested_by", lease.requested_by},
          {"reason", lease.reason},
          {"expires_at", rfc3339(lease.expires)}};
}

json bmc_json(const BmcEndpoint& bmc) {
  return {{"address", bmc.address}, {"port", bmc.port}, {"user", bmc.user}, {"cipher_suite", bmc.cipher_suite}};
}

json tasks_json(soci::session& session, const std::string& server) {
  auto tasks = json::array();
  for (const auto& task : find_tasks(session, {"", "", {server}})) {
    if (is_over(task.state)) continue;
    json one{{"id", fmt::format("t-{}", task.id)}, {"kind", name_of(task.kind)}, {"state", name_of(task.state)}};
    if (task.kind == TaskKind::power) {
      one["action"] = name_of(task.action);
      one["boot_device"] = name_of(task.device);
    }
    if (!task.then.empty()) one["then"] = task.then;
    if (!task.changes.empty()) one["changes"] = task.changes;
    if (task.ticket) one["ticket"] = to_json(*task.ticket);
    tasks.push_back(std::move(one));
  }
  return tasks;
}

}  // namespace

json snapshot_of(soci::session& session, const std::string& server) {
  const auto found = find_server(session, server);
  if (!found) return {};
  auto macs = json::array();
  for (const auto& mac : found->macs) macs.push_back(mac.text());
  json snapshot{{"name", server},
                {"macs", macs},
                {"firmware", name_of(found->firmware)},
                {"address", found->address},
                {"loader", found->loader},
                {"uuid", found->uuid},
                {"serial", found->serial},
                {"tags", found->tags},
                {"notes", found->notes},
                {"bmc", found->bmc ? bmc_json(*found->bmc) : json()},
                {"lease", json()},
                {"session", json()},
                {"tasks", tasks_json(session, server)}};
  if (const auto lease = current_lease(session, server)) snapshot["lease"] = lease_json(*lease);
  const auto agent = latest_session(session, server);
  if (agent && !agent->ended) {
    snapshot["session"] = {{"id", agent->id}, {"phase", agent->phase}, {"credentials", name_of(delivery_of(*agent))}};
  }
  return snapshot;
}

}  // namespace rescue::netboot::rows
