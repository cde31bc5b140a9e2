// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/ticket_service.hpp"

#include "core/file.hpp"
#include "core/net/prefix.hpp"
#include "orchestrator/control/sealed_json.hpp"
#include "orchestrator/domain/json.hpp"
#include "orchestrator/domain/listener_ports.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace rescue::control {
namespace {

constexpr mode_t only_owner = 0600;

/// Addresses that a helpdesk can reach: the customers' one first, none of the link alone.
std::vector<net::IpAddress> addresses_of(const domain::NetworkSnapshot& network) {
  const auto v6_link = net::Prefix::parse("fe80::/10");
  const auto v4_link = net::Prefix::parse("169.254.0.0/16");
  std::vector<net::IpAddress> addresses;
  const auto add = [&](const net::IpAddress& address) {
    const bool known = std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    if (!known && !v6_link.contains(address) && !v4_link.contains(address)) addresses.push_back(address);
  };
  if (const auto* primary = network.primary_v4()) add(primary->address);
  for (const auto& one : network.addresses) add(one.address);
  return addresses;
}

nlohmann::json time_form(WallTime time) { return {{"at", rfc3339(time)}}; }

nlohmann::json visitor_form(const domain::TicketVisitor& visitor) {
  return {
      {"id", visitor.id}, {"address", visitor.address}, {"name", visitor.name}, {"since", time_form(visitor.since)}};
}

}  // namespace

nlohmann::json to_json(const domain::TicketView& view) {
  nlohmann::json form{{"open", view.open},
                      {"port", view.port},
                      {"addresses", nlohmann::json::array()},
                      {"certificate", view.certificate},
                      {"asks_customer", view.ask_customer},
                      {"role", name_of(view.role)},
                      {"opened", nullptr},
                      {"asking", nullptr},
                      {"connected", nlohmann::json::array()},
                      {"wrong_tickets", view.wrong_tickets},
                      {"closed_because", view.closed_because}};
  for (const auto& address : view.addresses) form["addresses"].push_back(address.text());
  if (view.open) form["opened"] = time_form(view.opened);
  if (view.asking) {
    form["asking"] = visitor_form(*view.asking);
    form["asking"]["until"] = time_form(*view.answer_until);
  }
  for (const auto& visitor : view.connected) form["connected"].push_back(visitor_form(visitor));
  return form;
}

TicketService::TicketService(SessionService& sessions, ports::TicketDesk& desk, domain::TicketSettings settings,
                             domain::PortRange ports)
    : sessions_(sessions), desk_(desk), settings_(std::move(settings)), ports_(ports) {
  desk_.subscribe([this] { (void)sessions_.touch(); });
}

TicketService::~TicketService() {
  stop();
  desk_.subscribe([] {});  // connections may end later
}

void TicketService::run() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    constexpr Milliseconds limit{30'000};  // a stop is a change
    auto status = sessions_.status();
    while (!stop.stop_requested()) {
      look_at(status);
      status = sessions_.wait_for_change(status.revision, limit);
    }
  });
}

void TicketService::stop() {
  thread_.request_stop();
  (void)sessions_.touch();
  if (thread_.joinable()) thread_.join();
  desk_.close("rescued ends");
  remove_invitation();
}

void TicketService::look_at(const StatusView& status) {
  const auto& record = status.record;
  if (record.phase != domain::Phase::serving) {
    if (desk_.view().open) desk_.close("the session is over");
  } else if (settings_.open == domain::TicketPolicy::when_serving) {
    open_by_policy(status);
  }
  if (!desk_.view().open) remove_invitation();
}

/// Opens one ticket for each session.
void TicketService::open_by_policy(const StatusView& status) {
  {
    const std::lock_guard lock(mutex_);
    if (opened_by_policy_ == status.record.id) return;
    opened_by_policy_ = status.record.id;
  }
  try {
    domain::TicketOrder order;
    order.ask_customer = settings_.ask_customer;
    open_for(status, order);
  } catch (const std::exception& error) {
    log::warning("ticket: the policy can't open one: {}", report_of(error).one_line());
  }
}

StatusView TicketService::serving() const {
  auto status = sessions_.status();
  if (status.record.phase == domain::Phase::serving && status.record.plan) return status;
  throw Error(ErrorCode::conflict,
              fmt::format("there is no console to show: the session is {}", name_of(status.record.phase)),
              "Open the ticket when the session serves.");
}

void TicketService::open(const domain::TicketOrder& order) { open_for(serving(), order); }

void TicketService::open_sealed(const domain::TicketOrder& order) {
  const auto status = serving();
  const auto& request = status.record.request;
  if (!request || request->requester_public_key.empty()) {
    throw Error(ErrorCode::precondition, "the request of this session has no public key: nobody could read the number",
                "On the host: rescuectl ticket open.");
  }
  // Nobody opens another ticket before this one's number is sealed.
  const std::lock_guard opening(opening_);
  open_locked(status, order);
  try {
    const auto view = desk_.view();
    auto addresses = nlohmann::json::array();
    for (const auto& address : view.addresses) addresses.push_back(address.text());
    auto sealed =
        sealed_text({{"ticket", desk_.number().reveal()}, {"addresses", std::move(addresses)}, {"port", view.port}},
                    {"ticket"}, request->requester_public_key);
    const std::lock_guard lock(mutex_);
    sealed_ = std::move(sealed);
    sealed_of_ = view.certificate;
  } catch (...) {
    end_if_open("its number could not be sealed");
    throw;
  }
}

void TicketService::open_for(const StatusView& status, const domain::TicketOrder& order) {
  const std::lock_guard opening(opening_);
  open_locked(status, order);
}

void TicketService::open_locked(const StatusView& status, const domain::TicketOrder& order) {
  auto chosen = order;
  if (!chosen.port && settings_.port != 0) chosen.port = settings_.port;
  if (chosen.port && !domain::contains(ports_, *chosen.port)) {
    throw Error(ErrorCode::usage, fmt::format("port {} belongs to the guest", *chosen.port),
                fmt::format("The host's listeners have the ports {} to {}.", ports_.first, ports_.last));
  }
  const auto& plan = status.record.plan.value();
  desk_.open({status.record.server, addresses_of(plan.network.original), plan.guest.vnc_socket, ports_}, chosen);
  // A session that has ended meanwhile is noticed by the thread: opening was a change.
  drop_invitation();
}

void TicketService::end() {
  if (!desk_.view().open) throw Error(ErrorCode::conflict, "no ticket is open");
  end_if_open("ended by the customer");
}

void TicketService::end_if_open(const std::string& reason) {
  desk_.close(reason);
  remove_invitation();
}

std::optional<domain::TicketReport> TicketService::report() const {
  domain::TicketReport report{desk_.view()};
  if (!report.view.open && report.view.closed_because.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (report.view.open && report.view.certificate == sealed_of_) report.sealed = sealed_;
  return report;
}

void TicketService::answer(std::optional<std::uint64_t> visitor, bool yes) {
  if (!visitor) {
    const auto asking = desk_.view().asking;
    if (!asking) throw Error(ErrorCode::not_found, "no helper waits for an answer");
    visitor = asking->id;
  }
  desk_.answer(*visitor, yes);
}

void TicketService::drop_invitation() {
  if (settings_.invitation_folder.empty()) return;
  const std::lock_guard lock(mutex_);
  try {
    write_file_atomically(settings_.invitation_folder + "/inv32.xml", desk_.invitation().reveal(), only_owner);
    invitation_exists_ = true;
  } catch (const Error& error) {
    log::warning("ticket: the invitation can't be written: {}", report_of(error).one_line());
  }
}

void TicketService::remove_invitation() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(invitation_exists_, false)) return;
  try {
    remove_file_durably(settings_.invitation_folder + "/inv32.xml");
  } catch (const Error& error) {
    log::warning("ticket: the invitation can't be removed: {}", report_of(error).one_line());
  }
}

}  // namespace rescue::control
