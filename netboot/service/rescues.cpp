// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/rescues.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

#include <utility>

namespace rescue::netboot {
namespace {

/// Refuses at once an order that lacks something, instead of letting its task fail later.
void require_bootable(const Server& server, const RescueOrder& order, const ServiceOptions& options) {
  (void)require_available(options.catalogue, BootMode::rescue_windows);
  if (options.agent.url.empty()) {
    throw Error(ErrorCode::precondition, "this netbootd could not hear of the rescue system that it boots",
                "Set agent.url in netbootd.yaml to what servers reach it under.");
  }
  if (server.address.empty()) {
    throw Error(ErrorCode::precondition, fmt::format("no address is registered for {}", server.name.text()),
                "Its rescue system gets its boot token at that address only: add the server with one.");
  }
  if (order.rescue.link && options.links_url.empty()) {
    throw Error(ErrorCode::precondition, "this netbootd does not know the URL that customers open one-time links under",
                "Set links.url in netbootd.yaml. Or ask for the rescue with \"link\": false.");
  }
  if (order.cycle.value_or(false) && !server.bmc) {
    throw Error(ErrorCode::precondition, fmt::format("{} has no BMC that netbootd knows", server.name.text()),
                "Tell it one, or reset the server yourself: \"power\": \"none\".");
  }
}

}  // namespace

Task Rescues::start(const ServerName& name, const RescueOrder& order, const std::string& requested_by) {
  const auto server = parts_.servers.state(name).server;
  require_bootable(server, order, options_);
  const LeaseRequest lease{
      BootMode::rescue_windows, order.terms.policy, order.terms.time_to_live.value_or(options_.lease_ttl), requested_by,
      order.terms.reason,       order.rescue};
  auto task =
      parts_.tasks.begin_rescue(name, lease, order.cycle.value_or(server.bmc.has_value()), options_.tasks.rescue);
  parts_.book.learn(name);
  log::info("rescue of {} by {}: task t-{}", name.text(), requested_by, task.id);
  if (options_.wake) options_.wake();
  return task;
}

Rescue Rescues::find(const ServerName& name) {
  Rescue found{parts_.servers.state(name), parts_.sessions.current(name), {}};
  const auto& lease = found.state.lease;
  if (!found.agent && (!lease || !lease->has_agent)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no rescue of {}", name.text()));
  }
  found.request = parts_.sessions.request_of(found.agent ? found.agent->lease : lease->id);
  return found;
}

Task Rescues::finish(const ServerName& name, const FinishOrder& order) {
  auto task = parts_.tasks.begin_finish(name, order, options_.tasks.finish);
  log::info("end of the rescue of {} by {}: task t-{}", name.text(), order.requested_by, task.id);
  if (options_.wake) options_.wake();
  return task;
}

Task Rescues::reissue(const ServerName& name, const std::string& requested_by) {
  auto task = parts_.tasks.begin_reissue(name, requested_by, options_.tasks.finish);
  log::info("new credentials for the rescue of {} by {}: task t-{}", name.text(), requested_by, task.id);
  if (options_.wake) options_.wake();
  return task;
}

Task Rescues::open_ticket(const ServerName& name, const TicketOrder& order, const std::string& requested_by) {
  auto task = parts_.tasks.begin_ticket(name, order, requested_by, options_.tasks.ticket);
  log::info("a ticket for the console of {} by {}, to {}: task t-{}", name.text(), requested_by, name_of(order.role),
            task.id);
  if (options_.wake) options_.wake();
  return task;
}

Task Rescues::end_ticket(const ServerName& name, const std::string& requested_by) {
  auto task = parts_.tasks.begin_ticket_end(name, requested_by, options_.tasks.ticket);
  log::info("end of the ticket of {} by {}: task t-{}", name.text(), requested_by, task.id);
  if (options_.wake) options_.wake();
  return task;
}

ServerState Rescues::extend(const ServerName& name, const LeaseExtension& extension, const std::string& requested_by) {
  auto state = parts_.leases.extend(name, extension, options_.agent_rules);
  parts_.book.learn(name);
  log::info("the lease of {} ends at {}, by {}", name.text(), rfc3339(state.lease.value().expires), requested_by);
  return state;
}

HandedOut Rescues::hand_out_credentials(const ServerName& name, const std::string& taken_by) {
  auto agent = parts_.sessions.current(name);
  if (!agent) throw Error(ErrorCode::not_found, fmt::format("there is no rescue session of {}", name.text()));
  if (parts_.sessions.request_of(agent->lease).public_key.empty()) {
    throw Error(ErrorCode::conflict, "no public key came with the request: the credentials are told on the host only",
                "On the host: rescuectl credentials rotate.");
  }
  auto taken = parts_.sessions.take_credentials(agent->id);
  if (taken) log::info("the credentials of session {} were handed out to {}", agent->id, taken_by);
  return {*std::move(agent), std::move(taken)};
}

}  // namespace rescue::netboot
